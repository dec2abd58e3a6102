import { modelIn } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

const ollama = (message: string, type: string) => ({
  error: { message, type, param: null, code: null },
});

export const OLLAMA_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => ollama('unauthorized', 'api_error')),
  row('model-not-found', 404, (call) =>
    ollama(`model "${modelIn(call)}" not found, try pulling it first`, 'not_found_error'),
  ),
  row('bad-request', 400, () => ollama("[] is too short - 'messages'", 'invalid_request_error')),
  row('server-error', 500, () =>
    ollama('llama runner process has terminated: exit status 2', 'api_error'),
  ),
];
