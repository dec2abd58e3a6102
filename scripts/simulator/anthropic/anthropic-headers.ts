import type { Headers } from '../http/reply.js';
import { base58, hex } from '../ids.js';

export function anthropicRequestId(): string {
  return `req_011C${base58(20)}`;
}

/** The headers of every answer, errors included. */
export function anthropicHeaders(requestId: string): Headers {
  return {
    'request-id': requestId,
    'anthropic-organization-id': '4b6cfa2e-0000-4000-8000-51a1a7ed0000',
    via: '1.1 google',
    'cf-cache-status': 'DYNAMIC',
    'cf-ray': `${hex(16)}-FRA`,
    server: 'cloudflare',
  };
}

/** Anthropic writes the resets as RFC 3339 times: https://docs.anthropic.com/en/api/rate-limits#response-headers */
export function anthropicRateLimits(remaining: number): Headers {
  const reset = `${new Date().toISOString().slice(0, 19)}Z`;
  const bucket = (name: string, limit: number) => [
    [`anthropic-ratelimit-${name}-limit`, String(limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(Math.min(remaining, limit))],
    [`anthropic-ratelimit-${name}-reset`, reset],
  ];
  return Object.fromEntries([
    ...bucket('requests', 4_000),
    ...bucket('tokens', 480_000),
    ...bucket('input-tokens', 400_000),
    ...bucket('output-tokens', 80_000),
  ]) as Headers;
}
