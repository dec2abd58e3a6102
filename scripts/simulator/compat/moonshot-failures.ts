import { modelIn } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

export const MOONSHOT_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => ({
    error: { message: 'Invalid Authentication', type: 'invalid_authentication_error' },
  })),
  row('model-not-found', 404, (call) => ({
    error: {
      message: `Not found the model ${modelIn(call)} or Permission denied`,
      type: 'resource_not_found_error',
    },
  })),
  row('tool-choice-refused', 400, () => ({
    error: {
      message: "Invalid request: tool_choice 'required' is not supported",
      type: 'invalid_request_error',
    },
  })),
];
