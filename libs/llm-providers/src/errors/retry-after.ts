import { cutText } from '../boundary/storable-text.js';

/** A week. No job waits longer, so a longer wait is cut to it. */
const MAX_WAIT_MS = 604_800_000;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** How long a provider asks us to wait, in whole milliseconds, rounded up; undefined if it states none, or an invalid one. */
export function retryAfterMsOf(
  headers: Headers,
  message: string,
  wait?: string | number,
  now = Date.now(),
): number | undefined {
  const asked = [
    () => Number(headers.get('retry-after-ms') ?? undefined),
    () => retryAfterHeader(headers.get('retry-after'), now),
    () => (typeof wait === 'string' ? inText(`retry in ${cutText(wait, 64)}`) : (wait ?? NaN)),
    () => inText(message),
    // Azure, with this spelling: https://github.com/openai/openai-python/issues/937
    () => Number(headers.get('x-rate-limit-reset-tokens') ?? undefined) * 1_000,
  ];
  for (const read of asked) {
    const waitMs = read();
    // Azure has been seen to send -1 and 0.
    if (Number.isFinite(waitMs) && waitMs > 0) return Math.min(Math.ceil(waitMs), MAX_WAIT_MS);
  }
  return undefined;
}

/** Seconds, possibly with a fraction, or a date (RFC 9110, 10.2.3). */
function retryAfterHeader(value: string | null, now: number): number {
  if (value === null) return NaN;
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
}

const AMOUNT = String.raw`\d{1,9}(?:\.\d{1,9})?\s{0,4}`;
const UNIT = '(?:milliseconds?|seconds?|minutes?|hours?|ms|s|m|h)';
/** Every repetition is bounded: an unbounded one would overflow the stack or take quadratic time. */
const STATED = new RegExp(
  String.raw`(?:try again in|retry after|retry in)\s{1,4}((?:${AMOUNT}${UNIT}\s{0,4}){1,4})`,
  'i',
);

/** "Please try again in 3.89s", "in 1m12.5s", "in 120ms", "Please retry after 33 seconds". */
function inText(message: string): number {
  const stated = STATED.exec(message)?.[1] ?? '';
  const parts = [...stated.matchAll(/(\d{1,9}(?:\.\d{1,9})?)\s{0,4}(ms|millis|s|m|h)/gi)];
  if (parts.length === 0) return NaN;
  return parts.reduce((sum, [, amount, unit = 's']) => {
    const short = unit.toLowerCase() === 'millis' ? 'ms' : unit.toLowerCase();
    return sum + Number(amount) * (UNITS_MS[short] ?? NaN);
  }, 0);
}
