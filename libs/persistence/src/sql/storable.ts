import { beginningOf } from '@app/memory';

/**
 * Makes texts and numbers of providers and callers acceptable for Postgres. Otherwise the statement would fail, the job could
 * not end, and Postgres would write a part of the text into its own log.
 */

/** Removes NUL and replaces lone surrogates: models sometimes write both, and Postgres accepts neither. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** Converts a value to JSON in which every text is storable. Nearly every value is as it stands, and looking costs little. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return MAY_BE_UNSTORABLE.test(json) ? JSON.stringify(value, withStorable) : json;
}

/** The escapes that JSON has for NUL and for a lone surrogate. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** The texts of a failure are one or two sentences: a longer one is a provider's response body. */
const MAX_FAILURE_CHARACTERS = 4_000;

/** Converts a failure to storable JSON and cuts each of its texts to MAX_FAILURE_CHARACTERS. */
export const storableFailure = (failure: object): string =>
  JSON.stringify(failure, (_name, value: unknown) =>
    typeof value === 'string' ? storable(beginningOf(value, MAX_FAILURE_CHARACTERS)) : value,
  );

/** The largest value of a column of type integer. */
const MAX_INTEGER = 2 ** 31 - 1;

/** Converts a provider's count to a whole number from 0 to `most`. NaN becomes 0. */
export function storableCount(count: number, most = MAX_INTEGER): number {
  return Number.isNaN(count) ? 0 : Math.min(most, Math.max(0, Math.round(count)));
}

/** True for years that JavaScript and Postgres write in the same format. */
export const isStorableMoment = (at: Date): boolean =>
  at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999;

const withStorable = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? storable(value) : value;
