import type { Call } from '../http/call.js';
import { textOf } from '../http/json.js';
import type { Headers } from '../http/reply.js';
import type { Failure } from '../wire.js';
import { anthropicRateLimits } from './anthropic-headers.js';

/** The wire adds `request_id` when it sends the error, because the header must hold the same id. */
export function anthropicError(type: string, message: string, details?: object): object {
  return { type: 'error', error: { ...(details && { details }), type, message } };
}

/** A 400 for a refused parameter. No scenario has this name. */
export function anthropicRefusal(message: string): Failure {
  return {
    name: 'refused-parameter',
    status: 400,
    headers: () => NO_RETRY,
    body: () => anthropicError('invalid_request_error', message),
  };
}

export function anthropicModelIn(call: Call): string {
  return textOf(call.fields['model']) ?? decodeURIComponent(call.path.split('/').at(-1) ?? '');
}

const NO_RETRY: Headers = { 'x-should-retry': 'false' };
const RETRY: Headers = { 'x-should-retry': 'true' };

const row = (
  name: string,
  status: number,
  type: string,
  message: string | ((call: Call) => string),
  rest: { readonly headers?: () => Headers; readonly details?: object } = {},
): Failure => ({
  name,
  status,
  headers: rest.headers ?? (() => (status >= 500 ? RETRY : NO_RETRY)),
  body: (call) =>
    anthropicError(type, typeof message === 'string' ? message : message(call), rest.details),
});

const RATE =
  'This request would exceed the rate limit for your organization (4b6cfa2e-0000-4000-8000-51a1a7ed0000) of 30,000 input tokens per minute. For details, refer to: https://docs.anthropic.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later.';

/** https://docs.anthropic.com/en/api/errors, and recorded traffic. */
export const ANTHROPIC_FAILURES: readonly Failure[] = [
  row('bad-key', 401, 'authentication_error', 'invalid x-api-key'),
  row('no-key', 401, 'authentication_error', 'x-api-key header is required'),
  row('model-not-found', 404, 'not_found_error', (call) => `model: ${anthropicModelIn(call)}`),
  row('rate-limited', 429, 'rate_limit_error', RATE, {
    headers: () => ({ ...RETRY, ...anthropicRateLimits(0), 'retry-after': '5' }),
  }),
  row('rate-limited-bare', 429, 'rate_limit_error', RATE, { headers: () => RETRY }),
  row(
    'spend-limit',
    429,
    'rate_limit_error',
    'Your organization has reached its enforced spend limit. Please contact your administrator.',
    { details: { error_code: 'enforced_spend_limit_reached' }, headers: () => NO_RETRY },
  ),
  row(
    'credits',
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  ),
  row(
    'context-length',
    400,
    'invalid_request_error',
    'prompt is too long: 211180 tokens > 200000 maximum',
  ),
  row('temperature', 400, 'invalid_request_error', '`temperature` is deprecated for this model.'),
  row(
    'thinking-with-tool',
    400,
    'invalid_request_error',
    'Thinking may not be enabled when tool_choice forces tool use.',
  ),
  row(
    'effort',
    400,
    'invalid_request_error',
    "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
  ),
  row(
    'billing',
    402,
    'billing_error',
    'There is an issue with your billing. Please check your payment information.',
  ),
  row(
    'permission',
    403,
    'permission_error',
    'Your API key does not have permission to use the specified resource.',
  ),
  row(
    'conflict',
    409,
    'conflict_error',
    'The request conflicts with the current state of the resource.',
  ),
  row('request-too-large', 413, 'request_too_large', 'Request exceeds the maximum size'),
  row('server-error', 500, 'api_error', 'Internal server error'),
  row(
    'timeout',
    504,
    'timeout_error',
    'Request timed out. Please try again, or use streaming for long requests.',
  ),
  {
    name: 'overloaded',
    status: 529,
    headers: () => RETRY,
    body: () => ({
      type: 'error',
      error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
    }),
  },
];

const byName = new Map(ANTHROPIC_FAILURES.map((failure) => [failure.name, failure]));

/** Finds a row by its name. */
export function anthropicFailure(name: string): Failure {
  const failure = byName.get(name);
  if (failure === undefined) throw new Error(`No such failure: ${name}`);
  return failure;
}
