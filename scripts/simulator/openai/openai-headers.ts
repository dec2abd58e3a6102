import type { Headers } from '../http/reply.js';
import { hex } from '../ids.js';

/** The headers of every answer, errors included. OpenAI sends a cookie too; the product must not pass it on. */
export function openaiHeaders(): Headers {
  return {
    'x-request-id': `req_${hex(32)}`,
    'openai-processing-ms': '112',
    'openai-version': '2020-10-01',
    'openai-organization': 'user-simulated',
    'openai-project': 'proj_simulated',
    'set-cookie': `__cf_bm=${hex(32)}; path=/; HttpOnly; Secure; SameSite=None`,
    'cf-ray': `${hex(16)}-FRA`,
    server: 'cloudflare',
  };
}

/** OpenAI writes the resets as Go durations. Its 404 for an unknown model does not have these headers. */
export const OPENAI_RATE_LIMITS = {
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-limit-tokens': '200000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-remaining-tokens': '199958',
  'x-ratelimit-reset-requests': '120ms',
  'x-ratelimit-reset-tokens': '0s',
} as const;

/** The headers of a 429. */
export const OPENAI_DRAINED = {
  ...OPENAI_RATE_LIMITS,
  'x-ratelimit-remaining-tokens': '0',
  'x-ratelimit-reset-tokens': '6m0s',
} as const;
