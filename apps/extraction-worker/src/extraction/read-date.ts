import type { ClockTime } from '@app/memory';

import { readTime, type TimeOfDay } from './read-time.js';

/** A longer text is a sentence, not a date. */
const MAX_CHARACTERS = 100;

/** A day as it is written. A month or a year alone stands for its first day. */
interface WrittenDay {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/** A date at the beginning of a text. */
interface LeadingDate extends WrittenDay {
  /** The text after the date. */
  readonly rest: string;
}

/**
 * The date that a model wrote, in one of the common unambiguous forms: year first (`2024-01-15`, `2024/1/15`, `20240115`,
 * `2024年1月15日`); year last, if the numbers show which is the day (`15/01/2024`); a month's name in one of LANGUAGES
 * (`15 Jan 2024`, `January 15, 2024 10:00`, `Jan 2024`). Null: no date, or an ambiguous one, such as `01/02/2024`.
 *
 * A day, month or year begins at midnight UTC. If it had begun by the speaker's clock but not yet by UTC, it begins at the
 * moment of speaking, so that a fact about today is true at once. A time without offset is read by the speaker's clock.
 * @param said when the fact was said, by the speaker's clock.
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
  const time = readTime(found.rest);
  return time === undefined ? null : realDate(found, time, said);
}

const UTC: ClockTime = { at: new Date(0), offsetMinutes: 0 };

const YEAR = /^(\d{4})(?: ?[年년])?$/;
const YEAR_MONTH = /^(\d{4})[-/.](\d{1,2})$/;
const YEAR_MONTH_IN_CJK = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월]$/;
const YEAR_MONTH_DAY = /^(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})(?!\d)(.*)$/;
const YEAR_MONTH_DAY_IN_CJK = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일](.*)$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?!\d)(.*)$/;

function yearFirst(text: string): LeadingDate | undefined {
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

/** Day and month may come in either order, so the form is unambiguous only if one number is above 12 or both are equal. */
function yearLast(text: string): LeadingDate | undefined {
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

function withMonthName(text: string): LeadingDate | undefined {
  const [, day1, name1, year1, rest1] = DAY_MONTH_YEAR.exec(text) ?? [];
  if (name1 !== undefined) return dateWithMonth(year1, name1, day1, rest1);
  const [, name2, day2, year2, rest2] = MONTH_DAY_YEAR.exec(text) ?? [];
  if (name2 !== undefined) return dateWithMonth(year2, name2, day2, rest2);
  const [, name3, year3] = MONTH_YEAR.exec(text) ?? [];
  if (name3 !== undefined) return dateWithMonth(year3, name3);
  const [, year4, name4 = '', day4, rest4] = YEAR_NAME_DAY.exec(text) ?? [];
  return dateWithMonth(year4, name4, day4, rest4);
}

function dateWithMonth(
  year: string | undefined,
  monthName: string,
  day = '1',
  rest = '',
): LeadingDate | undefined {
  const month = monthNamed(monthName);
  return year === undefined || month === undefined
    ? undefined
    : { year, month: String(month), day, rest };
}

/** Null for a date that does not exist, which JavaScript moves (31 February to 2 March), and for a year outside 1 to 9999. */
function realDate({ year, month, day }: WrittenDay, time: TimeOfDay, said: ClockTime): Date | null {
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal =
    midnight.getUTCFullYear() === Number(year) &&
    midnight.getUTCMonth() === Number(month) - 1 &&
    midnight.getUTCDate() === Number(day);
  if (!isReal) return null;
  if (isDay(time)) return hasBegunFor(said, midnight) ? said.at : ifYearIsStorable(midnight);
  const { hours, minutes, seconds, milliseconds, offsetMinutes = said.offsetMinutes } = time;
  const sinceMidnight = ((hours * 60 + minutes - offsetMinutes) * 60 + seconds) * 1_000;
  return ifYearIsStorable(new Date(midnight.getTime() + sinceMidnight + milliseconds));
}

/** Null for a date that is not in one of the years 1 to 9999 by UTC, because only these are stored. */
function ifYearIsStorable(date: Date): Date | null {
  const year = date.getUTCFullYear();
  return year < 1 || year > 9_999 ? null : date;
}

/** Whether the text states a day only: a model writes one as midnight without an offset or with `Z`. */
const isDay = ({ hours, minutes, seconds, milliseconds, offsetMinutes }: TimeOfDay): boolean =>
  (offsetMinutes ?? 0) === 0 && hours + minutes + seconds + milliseconds === 0;

/** Whether a day had begun by the speaker's clock, which is ahead of UTC, but not yet by UTC. */
const hasBegunFor = ({ at, offsetMinutes }: ClockTime, midnight: Date): boolean =>
  midnight > at && midnight.getTime() <= at.getTime() + offsetMinutes * 60_000;

/** Languages whose names of months and weekdays are read. */
const LANGUAGES = 'en de fr es it pt nl sv da nb fi pl cs sk ru uk bg ro hu tr el hr id'.split(' ');
const WIDTHS = ['long', 'short'] as const;

/** Lower case, without accents and the point of an abbreviation. */
const folded = (word: string): string =>
  word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\.$/, '');

const DATE = { day: 'numeric', month: 'long', timeZone: 'UTC' } as const;

const partOf = (format: Intl.DateTimeFormat, unit: string, date: Date): string =>
  format.formatToParts(date).find(({ type }) => type === unit)?.value ?? '';

function namesOf(
  unit: 'month' | 'weekday',
  count: number,
  dateOf: (index: number) => Date,
): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const language of LANGUAGES)
    for (const width of WIDTHS) {
      const alone = new Intl.DateTimeFormat(language, { [unit]: width, timeZone: 'UTC' });
      // Many languages change the form of the month's name beside a day.
      const inDate = new Intl.DateTimeFormat(language, { ...DATE, [unit]: width });
      for (let index = 0; index < count; index += 1)
        for (const written of [alone.format(dateOf(index)), partOf(inDate, unit, dateOf(index))]) {
          const name = folded(written);
          if (/\d/.test(name)) continue;
          if ((names.get(name) ?? index) !== index) ambiguous.add(name);
          names.set(name, index);
        }
    }
  for (const name of ambiguous) names.delete(name);
  return names;
}

/** Made when a date needs them for the first time: it takes a tenth of a second. */
let months: ReadonlyMap<string, number> | undefined;
let weekdays: ReadonlyMap<string, number> | undefined;

const monthNames = (): ReadonlyMap<string, number> =>
  (months ??= new Map([
    ...namesOf('month', 12, (index) => new Date(Date.UTC(2024, index, 1))),
    ['sept', 8] as const,
  ]));
const weekdayNames = (): ReadonlyMap<string, number> =>
  (weekdays ??= namesOf('weekday', 7, (index) => new Date(Date.UTC(2024, 0, 1 + index))));

/** 1 to 12. Undefined: no month has this name, or two languages use it for different months. */
function monthNamed(word: string): number | undefined {
  const index = monthNames().get(folded(word));
  return index === undefined ? undefined : index + 1;
}

const isWeekday = (word: string): boolean =>
  ['tues', 'wednes', 'thur', 'thurs'].includes(folded(word)) || weekdayNames().has(folded(word));
