import { isWeekday, monthNamed } from './month-names.js';

/** Longer texts are sentences. */
const MAX_CHARACTERS = 100;

/** A day as it is written; where only a month or a year is, its first day. */
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
 * The date that a model wrote, in any form that has one meaning: `2024-01-15`, `2024/1/15`, `20240115`, `15 Jan 2024`,
 * `January 15, 2024 10:00`, `2024年1月15日`, `Jan 2024`. A day, month or year begins at midnight UTC; a time without offset is
 * UTC. Null for what is no date, and for what may be two, such as `01/02/2024`.
 */
export function readDate(text: string): Date | null {
  const given = text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  if (given.length > MAX_CHARACTERS) return null;
  const found = yearFirst(given) ?? yearLast(given) ?? withMonthName(withoutWeekday(given));
  if (!found) return null;
  const time = timeIn(found.rest);
  return time === undefined ? null : realDate(found, time);
}

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

/** Day and month may stand in either order: only a number over twelve says which is the day. */
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
  readonly offsetMinutes: number;
}

const MIDNIGHT: Time = { hours: 0, minutes: 0, seconds: 0, milliseconds: 0, offsetMinutes: 0 };

const TIME =
  /^(?:t|,? ?(?:at |um |à )?)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?(.*)$/i;
const COMPACT_TIME = /^t(\d{2})(\d{2})(\d{2})?()()(.*)$/i;
/** As JavaScript writes a date for people: `(Central European Time)`, and `[Europe/Berlin]` behind an offset. */
const PLACE = / ?(?:\([^()]*\)|\[[^[\]]*\])$/;
const ZONE = /^ ?(?:(z|utc|gmt)|(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?|([ecmp])([sd])t)$/i;
/** Zones of RFC 2822, by their first letter: hours behind UTC in winter. */
const BEHIND: Readonly<Record<string, number>> = { e: 5, c: 6, m: 7, p: 8 };

/** Undefined where the text behind a date is no time. */
function timeIn(rest: string): Time | undefined {
  const bare = rest.replace(PLACE, '').replace(/^\. ?$|^,$/, '');
  if (bare === '') return MIDNIGHT;
  // XML Schema writes a day in UTC as `2024-01-15Z`.
  if (/^z$/i.test(bare)) return MIDNIGHT;
  const [, hours, minutes, seconds = '0', fraction = '', half, zone = ''] =
    TIME.exec(bare) ?? COMPACT_TIME.exec(bare) ?? [];
  const offsetMinutes = offsetIn(zone);
  if (hours === undefined || minutes === undefined || offsetMinutes === undefined) return undefined;
  const hour = hourOf(Number(hours), half);
  const isTime = hour !== undefined && Number(minutes) < 60 && Number(seconds) < 60;
  if (!isTime) return undefined;
  return {
    hours: hour,
    minutes: Number(minutes),
    seconds: Number(seconds),
    milliseconds: Math.floor(Number(`0.${fraction || '0'}`) * 1_000),
    offsetMinutes,
  };
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined || half === '') return hour < 24 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function offsetIn(zone: string): number | undefined {
  if (zone.trim() === '') return 0;
  const [whole, utc, sign, hours, minutes = '0', letter, season] = ZONE.exec(zone) ?? [];
  if (whole === undefined) return undefined;
  if (utc !== undefined) return 0;
  if (letter !== undefined)
    return -60 * ((BEHIND[letter.toLowerCase()] ?? 0) - (season?.toLowerCase() === 'd' ? 1 : 0));
  const ahead = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return sign === '-' ? -ahead : ahead;
}

/** JavaScript reads 31 February as 2 March: the text states no such date. Postgres has the years 1 to 9999, by UTC. */
function realDate({ year, month, day }: Day, time: Time): Date | null {
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal =
    midnight.getUTCFullYear() === Number(year) &&
    midnight.getUTCMonth() === Number(month) - 1 &&
    midnight.getUTCDate() === Number(day);
  if (!isReal) return null;
  const { hours, minutes, seconds, milliseconds, offsetMinutes } = time;
  const sinceMidnight = ((hours * 60 + minutes - offsetMinutes) * 60 + seconds) * 1_000;
  const date = new Date(midnight.getTime() + sinceMidnight + milliseconds);
  const at = date.getUTCFullYear();
  return at < 1 || at > 9_999 ? null : date;
}
