import { bearerOf } from '../http/call.js';
import { maskedKey, modelIn, openaiError, openaiFailure } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

export const TOGETHER_FAILURES: readonly Failure[] = [
  row('bad-key', 401, (call) =>
    openaiError(
      `Invalid API key provided: ${maskedKey(bearerOf(call) ?? '')}. You can find your API key at https://api.together.xyz/settings/api-keys.`,
      { code: 'invalid_api_key' },
    ),
  ),
  row('model-not-found', 404, (call) => openaiFailure('model-not-found').body(call)),
  row('model-not-available', 400, (call) =>
    openaiError(
      `Unable to access non-serverless model ${modelIn(call)}. Please visit https://api.together.ai/models/${modelIn(call)} to create and start a new dedicated endpoint for the model.`,
      { code: 'model_not_available' },
    ),
  ),
  row('rate-limited', 429, () =>
    openaiError('You have reached the rate limit specific to this model.', {
      type: 'model_rate_limit',
      code: null,
    }),
  ),
  row('server-error', 500, () => openaiError('Internal server error', { type: 'server_error' })),
];
