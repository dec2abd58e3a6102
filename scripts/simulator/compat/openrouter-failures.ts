import { modelIn } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

const openrouter = (message: string, code: number, metadata?: object) => ({
  error: { message, code, ...(metadata && { metadata }) },
  user_id: 'user_simulated',
});

export const OPENROUTER_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => openrouter('User not found.', 401)),
  row('balance', 402, () =>
    openrouter(
      'This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 26. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account',
      402,
    ),
  ),
  row('model-not-found', 400, (call) =>
    openrouter(`${modelIn(call)} is not a valid model ID`, 400),
  ),
  row('no-endpoints', 404, (call) => openrouter(`No endpoints found for ${modelIn(call)}.`, 404)),
  row('rate-limited', 429, (call) =>
    openrouter('Provider returned error', 429, {
      raw: `${modelIn(call)} is temporarily rate-limited upstream. Please retry shortly.`,
      provider_name: 'Simulated',
    }),
  ),
  row('moderated', 403, () =>
    openrouter('Input was flagged', 403, {
      reasons: ['violence'],
      flagged_input: '',
      provider_name: 'Simulated',
    }),
  ),
  row('upstream-error', 502, () =>
    openrouter('Provider returned error', 502, {
      raw: 'upstream connect error',
      provider_name: 'Simulated',
    }),
  ),
  row('error-in-200', 200, () => openrouter('Internal Server Error', 500)),
];
