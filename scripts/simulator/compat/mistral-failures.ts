import type { Failure } from '../wire.js';
import { row } from './row.js';

export const MISTRAL_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => ({
    error: {
      code: '401',
      message: 'Access denied due to invalid subscription key or wrong API endpoint.',
    },
  })),
  row('model-not-found', 404, () => ({
    error: { code: 'unknown_model', message: 'Unknown model', details: 'Unknown model' },
  })),
  row('max-completion-tokens-refused', 422, () => ({
    detail: [
      {
        type: 'extra_forbidden',
        loc: ['body', 'max_completion_tokens'],
        msg: 'Extra inputs are not permitted',
        input: 4096,
      },
    ],
  })),
];
