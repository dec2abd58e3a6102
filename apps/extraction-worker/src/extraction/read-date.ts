import type { ClockTime } from '@app/memory';

import { isWeekday, monthNamed } from './month-names.js';
import { readZone } from './read-zone.js';

/** Longer texts are sentences. */
const MAX_CHARACTERS = 100;

/** A day as it is written; of a month or a year alone, the first day. */
interface Day {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/** A date at the beginning of a text, and what follows it. */
interface Found extends Day {
  readonly rest: string;
}

/**
 * The date that a model wrote, in one of the common unambiguous forms: year first (`2024-01-15`, `2024/1/15`, `20240115`,
 * `2024年1月15日`); year last, if the numbers show which is the day (`15/01/2024`); a month's name in one of the languages of
 * month-names.ts (`15 Jan 2024`, `January 15, 2024 10:00`, `Jan 2024`). Null: no date, or perhaps two, such as `01/02/2024`.
 *
 * A day, month or year begins at midnight UTC. If it had begun by the speaker's clock but not yet by UTC, it begins at the
 * moment of speaking, so that a fact about today is true at once. A time without offset is read by the speaker's clock.
 * @param said the moment of speaking, by the speaker's clock.
 */
export function readDate(text: string, said: ClockTime = UTC): Date | null {
  if (text.length > MAX_CHARACTERS * 2) return null;
  const given = text
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/^(["'`])(.*)\1$/, '$2')
    .replace(/^(?:(?:on|since|from|as of) )?(?:the )?/i, '');
  if (given.length > MAX_CHARACTERS) return null;
  const found = yearFirst(given) ?? yearLast(given) ?? withMonthName(withoutWeekday(given));
  if (!found) return null;
  const time = timeIn(found.rest);
  return time === undefined ? null : realDate(found, time, said);
}

const UTC: ClockTime = { at: new Date(0), offsetMinutes: 0 };

const YEAR = /^(\d{4})(?: ?[年년])?$/;
const YEAR_MONTH = /^(\d{4})[-/.](\d{1,2})$/;
const YEAR_MONTH_IN_CJK = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월]$/;
const YEAR_MONTH_DAY = /^(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})(?!\d)(.*)$/;
const YEAR_MONTH_DAY_IN_CJK = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일](.*)$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?!\d)(.*)$/;

function yearFirst(text: string): Found | undefined {
  const [, year] = YEAR.exec(text) ?? [];
  if (year !== undefined) return { year, month: '1', day: '1', rest: '' };
  const [, inYear, inMonth] = YEAR_MONTH.exec(text) ?? YEAR_MONTH_IN_CJK.exec(text) ?? [];
  if (inYear !== undefined && inMonth !== undefined)
    return { year: inYear, month: inMonth, day: '1', rest: '' };
  const [, marked, , ofYear, ofMonth, after] = YEAR_MONTH_DAY.exec(text) ?? [];
  if (marked !== undefined && ofYear !== undefined && ofMonth !== undefined)
    return { year: marked, month: ofYear, day: ofMonth, rest: after ?? '' };
  const [, full, month, day, rest] = YEAR_MONTH_DAY_IN_CJK.exec(text) ?? COMPACT.exec(text) ?? [];
  return full === undefined || month === undefined || day === undefined
    ? undefined
    : { year: full, month, day, rest: rest ?? '' };
}

const YEAR_LAST = /^(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4})(?!\d)(.*)$/;

/** Day and month may stand in either order: the form is unambiguous only if one number is above 12 or both are equal. */
function yearLast(text: string): Found | undefined {
  const [, first, , second, year, rest = ''] = YEAR_LAST.exec(text) ?? [];
  if (first === undefined || second === undefined || year === undefined) return undefined;
  const [one, other] = [Number(first), Number(second)];
  if (one > 12 || one === other) return { year, month: second, day: first, rest };
  return other > 12 ? { year, month: first, day: second, rest } : undefined;
}

const LEADING_WORD = /^(\p{L}+)\.?,? (.+)$/u;

function withoutWeekday(text: string): string {
  const [, word = '', rest] = LEADING_WORD.exec(text) ?? [];
  return rest !== undefined && isWeekday(word) ? rest : text;
}

const DAY_MONTH_YEAR =
  /^(\d{1,2})(?:st|nd|rd|th|er|[.º°])?[ -](?:of |de |d[’'])?(\p{L}+)\.?,?[ -](?:de )?(\d{4})(?!\d)(.*)$/iu;
const MONTH_DAY_YEAR =
  /^(\p{L}+)\.?[ -](\d{1,2})(?:st|nd|rd|th|er|[.º°])?,?[ -](\d{4})(?!\d)(.*)$/iu;
const MONTH_YEAR = /^(\p{L}+)\.?,?[ -](?:of |de )?(\d{4})$/iu;
const YEAR_NAME_DAY = /^(\d{4}),?[ -](\p{L}+)\.?(?:[ -](\d{1,2})(?:st|nd|rd|th)?(?!\d)(.*))?$/iu;

function withMonthName(text: string): Found | undefined {
  const [, day1, name1, year1, rest1] = DAY_MONTH_YEAR.exec(text) ?? [];
  if (name1 !== undefined) return named(year1, name1, day1, rest1);
  const [, name2, day2, year2, rest2] = MONTH_DAY_YEAR.exec(text) ?? [];
  if (name2 !== undefined) return named(year2, name2, day2, rest2);
  const [, name3, year3] = MONTH_YEAR.exec(text) ?? [];
  if (name3 !== undefined) return named(year3, name3);
  const [, year4, name4 = '', day4, rest4] = YEAR_NAME_DAY.exec(text) ?? [];
  return named(year4, name4, day4, rest4);
}

function named(
  year: string | undefined,
  monthName: string,
  day = '1',
  rest = '',
): Found | undefined {
  const month = monthNamed(monthName);
  return year === undefined || month === undefined
    ? undefined
    : { year, month: String(month), day, rest };
}

interface Time {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  /** Undefined: none is written. */
  readonly offsetMinutes: number | undefined;
}

const MIDNIGHT: Time = {
  hours: 0,
  minutes: 0,
  seconds: 0,
  milliseconds: 0,
  offsetMinutes: undefined,
};

const TIME =
  /^(?:t|,? ?(?:at |um |à )?)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?(.*)$/i;
const COMPACT_TIME = /^t(\d{2})(\d{2})(\d{2})?()()(.*)$/i;
/** `10 am`, and ISO's `T10Z`. */
const HOUR_OF_HALF = /^,? ?(?:at )?(\d{1,2})()()() ?([ap])\.?m\.?(.*)$/i;
const HOUR = /^t(\d{2})()()()()(?=z|[+-])(.*)$/i;
/** As JavaScript writes a date for people: `(Central European Time)`, and `[Europe/Berlin]` behind an offset. */
const PLACE = / ?(?:\([^()]*\)|\[[^[\]]*\])$/;
/** After a year: a point, a comma, the word for it in Russian, Ukrainian and Polish, and XML Schema's mark of UTC. */
const BEHIND_DATE = /^(?:\. ?|,| ?(?:г\.?|р\.?|года|року|r\.|roku)|z)$/iu;

/** Reads the text after a date. Undefined: it is no time. */
function timeIn(rest: string): Time | undefined {
  const bare = rest.replace(PLACE, '');
  if (bare === '' || BEHIND_DATE.test(bare)) return MIDNIGHT;
  const [, hours, minutes, seconds, fraction, half, zone = ''] =
    TIME.exec(bare) ?? COMPACT_TIME.exec(bare) ?? HOUR_OF_HALF.exec(bare) ?? HOUR.exec(bare) ?? [];
  const offset = readZone(zone);
  if (hours === undefined || offset === undefined) return undefined;
  const hour = hourOf(Number(hours), half);
  const [minute, second] = [Number(minutes || '0'), Number(seconds || '0')];
  // The end of a day may be written as its 24th hour.
  const isEnd = hour === 24 && minute === 0 && second === 0;
  const isTime = hour !== undefined && (hour < 24 || isEnd) && minute < 60 && second < 60;
  if (!isTime) return undefined;
  return {
    hours: hour,
    minutes: minute,
    seconds: second,
    milliseconds: Math.floor(Number(`0.${fraction || '0'}`) * 1_000),
    offsetMinutes: offset ?? undefined,
  };
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined || half === '') return hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** JavaScript reads 31 February as 2 March: the text states no such date. Postgres has the years 1 to 9999, by UTC. */
function realDate({ year, month, day }: Day, time: Time, said: ClockTime): Date | null {
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal =
    midnight.getUTCFullYear() === Number(year) &&
    midnight.getUTCMonth() === Number(month) - 1 &&
    midnight.getUTCDate() === Number(day);
  if (!isReal) return null;
  if (isDay(time)) return begunBy(said, midnight) ? said.at : inYears(midnight);
  const { hours, minutes, seconds, milliseconds, offsetMinutes = said.offsetMinutes } = time;
  const sinceMidnight = ((hours * 60 + minutes - offsetMinutes) * 60 + seconds) * 1_000;
  return inYears(new Date(midnight.getTime() + sinceMidnight + milliseconds));
}

function inYears(date: Date): Date | null {
  const year = date.getUTCFullYear();
  return year < 1 || year > 9_999 ? null : date;
}

/** Models write a day as midnight without an offset, or with `Z`. */
const isDay = ({ hours, minutes, seconds, milliseconds, offsetMinutes }: Time): boolean =>
  (offsetMinutes ?? 0) === 0 && hours + minutes + seconds + milliseconds === 0;

/** Whether this day had begun by a clock that is ahead of UTC, but not yet by UTC. */
const begunBy = ({ at, offsetMinutes }: ClockTime, midnight: Date): boolean =>
  midnight > at && midnight.getTime() <= at.getTime() + offsetMinutes * 60_000;
