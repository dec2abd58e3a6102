import { beginningOf } from '@app/memory';

/**
 * The edge of the store: what a provider or a caller wrote becomes what Postgres takes. A statement that is refused for a
 * text ends nothing, and Postgres writes a piece of the text into its own log.
 */

/** No NUL, no half of a surrogate pair. Models write both now and then. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** A value as JSON in which every text is storable. */
export const storableJson = (value: unknown): string => JSON.stringify(value, withStorable);

/** A failure's texts are a sentence or two: more is somebody's body. */
const MAX_FAILURE_CHARACTERS = 4_000;

/** A failure as JSON: storable, and each of its texts cut off between two characters. */
export const storableFailure = (failure: object): string =>
  JSON.stringify(failure, (_name, value: unknown) =>
    typeof value === 'string' ? storable(beginningOf(value, MAX_FAILURE_CHARACTERS)) : value,
  );

/** What a column of type integer holds. */
const MAX_INTEGER = 2 ** 31 - 1;

/** A count that a provider told: whole, not negative, and at most what its column holds. What is no number counts nothing. */
export function storableCount(count: number, most = MAX_INTEGER): number {
  return Number.isNaN(count) ? 0 : Math.min(most, Math.max(0, Math.round(count)));
}

/** Years that timestamps are written with, here and in Postgres. */
export const isStorableMoment = (at: Date): boolean =>
  at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999;

const withStorable = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? storable(value) : value;
