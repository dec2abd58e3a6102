import { clockTimeOf } from '@app/memory';
import { z } from 'zod';

/** Short enough for a Postgres index over several labels. */
export const MAX_LABEL_CHARACTERS = 256;
const MAX_METADATA_BYTES = 8 * 1024;
const MAX_QUESTION_BYTES = 32 * 1024;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/** @returns a check that a text has at most so many bytes in UTF-8. */
export const atMostBytes = (limit: number): [(text: string) => boolean, string] => [
  (text) => bytesOf(text) <= limit,
  `must have at most ${limit / 1024} KiB`,
];

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:[.,]\d{1,9})?)? ?(?:[Zz]|([+-]\d{2})(?::?(\d{2}))?)$/;

/** Converts timestamps as Postgres, `strftime` and Java write them, such as `2026-05-01 09:30+0200`, to RFC 3339. */
function spelledOut(text: string): string {
  const [whole, day, time, seconds = ':00', hours, minutes = '00'] = TIMESTAMP.exec(text) ?? [];
  if (whole === undefined) return text;
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  return `${day}T${time}${seconds.replace(',', '.')}${offset}`;
}

/** A moment with its offset. Years outside 1 to 9999 have no common notation, and Postgres cannot store all of them. */
export const clockTime = z
  .preprocess(
    // The type documents valid input. At run time the value may be anything.
    (sent: string): unknown => (typeof sent === 'string' ? spelledOut(sent) : sent),
    z.iso.datetime({
      offset: true,
      error: 'must be an ISO 8601 timestamp with an offset, like 2026-05-01T09:30:00Z',
    }),
  )
  .transform(clockTimeOf)
  .refine(
    ({ at }) => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999,
    'must lie in the years 1 to 9999',
  );

/** A `clockTime` without its offset. */
export const timestamp = clockTime.transform(({ at }) => at);

/** In a query string an unescaped `+` arrives as a space. */
export const timestampParameter = z.preprocess(
  (text) => (typeof text === 'string' ? text.replace(/ (?=\d{2}:\d{2}$)/, '+') : text),
  timestamp,
);

export const label = z.string().min(1, 'must not be empty').max(MAX_LABEL_CHARACTERS);

/** The default tenant is null. An empty string means it too. */
export const tenant = z
  .string()
  .max(MAX_LABEL_CHARACTERS)
  .nullish()
  .transform((text) => (text === undefined || text === '' ? null : text));

export const question = z
  .string()
  .refine((text) => text.trim() !== '', 'must not be empty')
  .refine(...atMostBytes(MAX_QUESTION_BYTES));

const fewBytes: [(given: unknown) => boolean, string] = [
  (given) => bytesOf(JSON.stringify(given)) <= MAX_METADATA_BYTES,
  'must have at most 8 KiB as JSON',
];

export const metadata = z.record(z.string(), z.unknown()).refine(...fewBytes);

/** Metadata is compared as text. Null is refused: it would match memories without the property. */
export const metadataFilter = z
  .record(
    z.string(),
    z.unknown().refine((value) => value !== null, 'must not be null'),
  )
  .refine(...fewBytes);

/** A moment in a response. */
export const moment = z.iso.datetime();
