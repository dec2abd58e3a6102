import type { Call } from '../http/call.js';
import { textOf } from '../http/json.js';
import { openaiFailure } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';

/** Azure's errors have neither `type` nor `param`. */
export function azureError(code: string, message: string, rest: object = {}): object {
  return { error: { code, message, ...rest } };
}

/** The deployment: from the path of the dated API, else the body's `model`, else the last part of the path of a model. */
export function deploymentOf(call: Call): string {
  const inPath = /\/openai\/deployments\/([^/]+)\//.exec(call.path)?.[1];
  return decodeURIComponent(
    inPath ?? textOf(call.fields['model']) ?? call.path.split('/').at(-1) ?? '',
  );
}

const versionOf = (call: Call) => call.query.get('api-version') ?? '2024-08-01-preview';

const row = (
  name: string,
  status: number,
  code: string,
  message: string | ((call: Call) => string),
  rest: {
    readonly headers?: Failure['headers'];
    readonly reason?: string;
    readonly error?: object;
  } = {},
): Failure => ({
  name,
  status,
  ...(rest.reason !== undefined && { reason: rest.reason }),
  ...(rest.headers && { headers: rest.headers }),
  body: (call) =>
    azureError(code, typeof message === 'string' ? message : message(call), rest.error),
});

const ACCESS =
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.';
const NO_DEPLOYMENT =
  'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.';
const FILTERED =
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766";

const operation = (call: Call, wait: string) =>
  `Requests to the ChatCompletions_Create Operation under Azure OpenAI API version ${versionOf(call)} have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after ${wait} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.`;

const safe = { filtered: false, severity: 'safe' };

/** https://learn.microsoft.com/azure/ai-services/openai/reference, recorded traffic and issue threads. */
export const AZURE_FAILURES: readonly Failure[] = [
  row('bad-key', 401, '401', ACCESS, { reason: 'PermissionDenied' }),
  row('bad-key-unauthorized', 401, 'Unauthorized', ACCESS, { reason: 'PermissionDenied' }),
  row(
    'key-auth-disabled',
    403,
    'AuthenticationTypeDisabled',
    'Key based authentication is disabled for this resource.',
  ),
  row('model-not-found', 404, 'DeploymentNotFound', NO_DEPLOYMENT, {
    headers: () => ({ 'x-ms-region': 'Sweden Central' }),
  }),
  row('model-not-found-typed', 404, 'DeploymentNotFound', NO_DEPLOYMENT, {
    headers: () => ({ 'x-ms-region': 'Sweden Central' }),
    error: { type: 'invalid_request_error' },
  }),
  // Exactly Azure's 56 bytes, with a space only after `"message":`.
  {
    name: 'wrong-path',
    status: 404,
    headers: () => ({ 'content-type': 'application/json' }),
    body: () => '{"error":{"code":"404","message": "Resource not found"}}',
  },
  row('api-version-refused', 400, 'BadRequest', 'API version not supported'),
  row(
    'feature-needs-version',
    400,
    'BadRequest',
    'response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later',
  ),
  row(
    'model-needs-version',
    400,
    'BadRequest',
    (call) =>
      `Model ${deploymentOf(call)} is enabled only for api versions 2024-12-01-preview and later`,
  ),
  row('rate-limited', 429, '429', (call) => operation(call, '33'), {
    headers: () => ({
      'retry-after': '33',
      'policy-id': 'DeploymentRatelimit-Token',
      'x-ratelimit-remaining-tokens': '-1',
    }),
  }),
  row('rate-limited-day', 429, '429', (call) => operation(call, '86400'), {
    headers: () => ({ 'retry-after': '86400' }),
  }),
  row(
    'rate-limited-named',
    429,
    'RateLimitReached',
    (call) =>
      `Your requests to ${deploymentOf(call)} for ${deploymentOf(call)} in Sweden Central have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for ChatCompletions_Create under Azure OpenAI API version ${versionOf(call)}. Please retry after 60 seconds.`,
    // Azure writes `x-rate-limit` here, and `x-ratelimit` in its other headers.
    {
      headers: () => ({
        'x-rate-limit-reset-tokens': '55',
        'policy-id': 'DeploymentRatelimit-Token',
      }),
    },
  ),
  row('rate-limited-short', 429, '429', 'Rate limit is exceeded. Try again in 2 seconds.'),
  // Azure returns the error of OpenAI's software unchanged.
  openaiFailure('context-length'),
  {
    name: 'prompt-filtered',
    status: 400,
    body: () => ({
      error: {
        message: FILTERED,
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: {
          code: 'ResponsibleAIPolicyViolation',
          content_filter_result: {
            hate: safe,
            jailbreak: { filtered: true, detected: true },
            self_harm: safe,
            sexual: safe,
            violence: safe,
          },
        },
      },
    }),
  },
  {
    name: 'gateway-bad-key',
    status: 401,
    body: () => ({
      statusCode: 401,
      message:
        'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
    }),
  },
  {
    name: 'gateway-rate-limited',
    status: 429,
    headers: () => ({ 'retry-after': '12' }),
    body: () => ({ statusCode: 429, message: 'Rate limit is exceeded. Try again in 12 seconds.' }),
  },
  row(
    'server-error',
    500,
    'InternalServerError',
    'The server had an error processing your request. Sorry about that!',
  ),
  row(
    'overloaded',
    503,
    'ServiceUnavailable',
    'The service is temporarily unable to process your request. Please try again later.',
  ),
];

const byName = new Map(AZURE_FAILURES.map((failure) => [failure.name, failure]));

/** Finds a row by its name. */
export function azureFailure(name: string): Failure {
  const failure = byName.get(name);
  if (failure === undefined) throw new Error(`No such failure: ${name}`);
  return failure;
}
