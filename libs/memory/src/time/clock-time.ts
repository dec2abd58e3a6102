/** A point in time with the UTC offset of the clock that showed it. */
export interface ClockTime {
  readonly at: Date;
  readonly offsetMinutes: number;
}

const OFFSET = /([+-])(\d{2}):(\d{2})$/;
const MINUTE_MS = 60_000;

/** @param text an ISO 8601 timestamp that ends in `Z` or an offset like `+09:00`. */
export function clockTimeOf(text: string): ClockTime {
  const [, sign, hours, minutes] = OFFSET.exec(text) ?? [];
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return { at: new Date(text), offsetMinutes: sign === '-' && offset > 0 ? -offset : offset };
}

/** Formats a time as ISO 8601 in the given offset, so that the text has the date that the speaker saw. */
export function isoWithOffset(at: Date, offsetMinutes: number | undefined = 0): string {
  const shown = new Date(at.getTime() + offsetMinutes * MINUTE_MS);
  const year = shown.getUTCFullYear();
  // Outside these years ISO 8601 needs a sign and six digits, which few programs can read, so the time is written in UTC.
  if (year < 1 || year > 9_999) return isoWithOffset(at);
  const local = shown.toISOString().replace(/(\.000)?Z$/, '');
  return local + (offsetMinutes === 0 ? 'Z' : offsetOf(offsetMinutes));
}

const twoDigits = (count: number): string => String(count).padStart(2, '0');

function offsetOf(minutes: number): string {
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(ahead / 60))}:${twoDigits(ahead % 60)}`;
}
