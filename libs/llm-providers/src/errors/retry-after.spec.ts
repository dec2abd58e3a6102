import { describe, expect, it } from 'vitest';

import { readFailure } from './provider-failure.js';
import { retryAfterMsOf } from './retry-after.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('how long a provider asks us to wait', () => {
  it.each<[Record<string, string>, string, number | undefined]>([
    [{ 'retry-after-ms': '1500.2' }, '', 1_501],
    [{ 'retry-after': '17' }, '', 17_000],
    [{ 'retry-after': '0.3' }, '', 300],
    [{ 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, '', 30_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, '', undefined],
    [{ 'retry-after': '-1' }, 'Try again in 2 seconds.', 2_000],
    [{ 'retry-after': 'soon' }, '', undefined],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, '', 250],
    [{ 'x-rate-limit-reset-tokens': '55' }, '', 55_000],
    [{}, 'Please try again in 3.89s. Visit', 3_890],
    [{}, 'Please try again in 120ms.', 120],
    [{}, 'Please try again in 1m12.5s.', 72_500],
    [{}, 'Please try again in 6m0s', 360_000],
    [{}, 'Please retry after 33 seconds.', 33_000],
    [{}, 'Please retry after 86400 seconds.', 86_400_000],
    [{}, 'Try again in 2 minutes', 120_000],
    [{}, 'Limit 30000, Used 28039', undefined],
    [{}, '', undefined],
  ])('is read from the headers %o and the message "%s"', (headers, message, waitMs) => {
    expect(retryAfterMsOf(new Headers(headers), message, undefined, NOW)).toBe(waitMs);
  });

  it.each([
    [{ error: { message: '', details: [{ '@type': 'x' }, { retryDelay: '37s' }] } }, 37_000],
    [{ error: { message: '', retry_after: 11 } }, 11_000],
    [{ error: { message: '', retry_after_ms: 2_500 } }, 2_500],
    [{ message: '', retry_after: 3 }, 3_000],
    [{ error: { message: '', details: { error_code: 'x' } } }, undefined],
  ])('is read from the body %o', (body, waitMs) => {
    const { headers, message, wait } = readFailure(body, 429, new Headers());
    expect(retryAfterMsOf(headers, message, wait, NOW)).toBe(waitMs);
  });
});
