import type { Recordings } from '../../testing/recordings.js';
import { eventStream } from '../../testing/wire-server.js';

const message = (over: Record<string, unknown>) => ({
  status: 200,
  headers: { 'request-id': 'req_011CabcdefGHIJ' },
  body: {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-7',
    content: [{ type: 'text', text: 'Paris.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 5 },
    ...over,
  },
});

const failure = (
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
  details?: unknown,
) => ({
  status,
  headers: { 'request-id': 'req_011CabcdefGHIJ', ...headers },
  body: {
    type: 'error',
    error: { type, message: text, ...(details !== undefined && { details }) },
    request_id: 'req_011CabcdefGHIJ',
  },
});

const start = {
  event: 'message_start',
  data: {
    type: 'message_start',
    message: { id: 'msg_01', usage: { input_tokens: 12, output_tokens: 1 } },
  },
};
const text = (words: string) => ({
  event: 'content_block_delta',
  data: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } },
});

/** Answers and failures as Anthropic sends them. */
export const anthropicRecordings: Recordings = {
  completion: message({}),
  toolCall: message({
    content: [{ type: 'tool_use', id: 'toolu_01', name: 'capital', input: { city: 'Paris' } }],
    stop_reason: 'tool_use',
  }),
  cutOff: message({ stop_reason: 'max_tokens' }),
  refused: message({ content: [], stop_reason: 'refusal' }),
  stream: eventStream([
    start,
    { event: 'ping', data: { type: 'ping' } },
    text('Par'),
    text('is.'),
    {
      event: 'message_delta',
      data: {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 5 },
      },
    },
    { event: 'message_stop', data: { type: 'message_stop' } },
  ]),
  cutStream: eventStream([start, text('Par')]),
  failingStream: eventStream([
    start,
    {
      event: 'error',
      data: {
        type: 'error',
        error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
      },
    },
  ]),
  failures: {
    'a bad key': {
      ...failure(401, 'authentication_error', 'invalid x-api-key'),
      code: 'llm_auth_failed',
      detail: 'invalid x-api-key',
      provider: { status: 401, type: 'authentication_error', requestId: 'req_011CabcdefGHIJ' },
    },
    'no permission': {
      ...failure(
        403,
        'permission_error',
        'Your API key does not have permission to use the specified resource.',
      ),
      code: 'llm_permission_denied',
    },
    'an unknown model': {
      ...failure(404, 'not_found_error', 'model: claude-does-not-exist'),
      code: 'llm_model_invalid',
      detail: 'model: claude-does-not-exist',
    },
    'a limited rate': {
      ...failure(
        429,
        'rate_limit_error',
        'This request would exceed the rate limit for your organization (1b4e28ba-2fa1-11d2-883f-0016d3cca427) of 30,000 input tokens per minute.',
        { 'retry-after': '17', 'x-should-retry': 'true' },
      ),
      code: 'llm_rate_limited',
      retryAfterMs: 17_000,
      detail: 'your organization ([redacted]) of 30,000',
    },
    'an exhausted quota': {
      ...failure(
        400,
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
        { 'x-should-retry': 'false' },
      ),
      code: 'llm_quota_exhausted',
    },
    'a prompt that is too long': {
      ...failure(
        400,
        'invalid_request_error',
        'prompt is too long: 211180 tokens > 200000 maximum',
      ),
      code: 'llm_context_length_exceeded',
    },
    'a parameter it does not take': {
      ...failure(400, 'invalid_request_error', '`temperature` is deprecated for this model.'),
      code: 'llm_rejected_request',
    },
    'filtered content': {
      ...failure(400, 'invalid_request_error', 'Output blocked by content filtering policy'),
      code: 'llm_content_filtered',
    },
    'an overloaded server': {
      ...failure(529, 'overloaded_error', 'Overloaded', { 'retry-after': '2' }),
      code: 'llm_unavailable',
      retryAfterMs: 2_000,
      detail: 'Overloaded',
    },
  },
  others: {
    'no key': {
      ...failure(401, 'authentication_error', 'x-api-key header is required'),
      code: 'llm_auth_failed',
    },
    'a spending cap': {
      ...failure(
        429,
        'rate_limit_error',
        'This request would exceed your limit.',
        {},
        { error_code: 'enforced_spend_limit_reached' },
      ),
      code: 'llm_quota_exhausted',
      provider: { code: 'enforced_spend_limit_reached' },
    },
    'an unpaid bill': { ...failure(402, 'billing_error', 'Pay.'), code: 'llm_quota_exhausted' },
    'thinking beside a forced tool': {
      ...failure(
        400,
        'invalid_request_error',
        'Thinking may not be enabled when tool_choice forces tool use.',
      ),
      code: 'llm_rejected_request',
    },
    'a conflict': { ...failure(409, 'conflict_error', 'Conflict.'), code: 'llm_rejected_request' },
    'a body that is too large': {
      ...failure(413, 'request_too_large', 'Request exceeds the maximum size'),
      code: 'llm_context_length_exceeded',
    },
    'a server error': {
      ...failure(500, 'api_error', 'Internal server error'),
      code: 'llm_unavailable',
    },
    'a timeout of its own': {
      ...failure(504, 'timeout_error', 'Timed out'),
      code: 'llm_unavailable',
    },
    'a path that a compatible host does not know': {
      status: 404,
      body: { detail: 'Not Found' },
      code: 'llm_endpoint_invalid',
      detail: 'Not Found',
    },
    'an empty 401': {
      status: 401,
      body: '',
      code: 'llm_auth_failed',
      detail: 'The provider refused the key.',
    },
  },
};
