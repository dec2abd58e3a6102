import { bearerOf } from '../http/call.js';
import { openaiError } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

const OCTETS = () => ({ 'content-type': 'application/octet-stream' });

export const DEEPSEEK_FAILURES: readonly Failure[] = [
  row('bad-key', 401, (call) =>
    openaiError(`Authentication Fails, Your api key: ${starred(bearerOf(call))} is invalid`, {
      type: 'authentication_error',
      code: 'invalid_request_error',
    }),
  ),
  row('balance', 402, () =>
    openaiError('Insufficient Balance', { type: 'unknown_error', code: 'invalid_request_error' }),
  ),
  row('model-not-found', 400, () =>
    openaiError('Model Not Exist', { code: 'invalid_request_error' }),
  ),
  row(
    'json-schema-refused',
    400,
    () =>
      openaiError('This response_format type is unavailable now', {
        code: 'invalid_request_error',
      }),
    OCTETS,
  ),
  row(
    'json-schema-refused-422',
    422,
    () =>
      'Failed to deserialize the JSON body into the target type: response_format: response_format.type `json_schema` is unavailable now',
    OCTETS,
  ),
  row('server-error', 500, () => openaiError('Internal server error', { type: 'internal_error' })),
];

/** The last four characters are shown. */
function starred(key = ''): string {
  return `****${key.slice(-4)}`;
}
