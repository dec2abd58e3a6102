import { modelIn } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

/** vLLM's `code` is a number. */
const vllm = (message: string, type: string, code: number, param: string | null = null) => ({
  error: { message, type, param, code },
});

export const VLLM_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => ({ error: 'Unauthorized' })),
  row('model-not-found', 404, (call) =>
    vllm(`The model \`${modelIn(call)}\` does not exist.`, 'NotFoundError', 404, 'model'),
  ),
  row('model-not-found-flat', 404, (call) => ({
    object: 'error',
    message: `The model \`${modelIn(call)}\` does not exist.`,
    type: 'NotFoundError',
    param: null,
    code: 404,
  })),
  row('context-length', 400, () =>
    vllm(
      "This model's maximum context length is 4096 tokens. However, you requested 4294 tokens in the messages, Please reduce the length of the messages.",
      'BadRequestError',
      400,
    ),
  ),
  row('tool-choice-refused', 400, () =>
    vllm(
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      'BadRequestError',
      400,
    ),
  ),
  row('server-error', 500, () => vllm('Internal server error', 'InternalServerError', 500)),
];
