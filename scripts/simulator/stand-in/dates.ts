const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const COUNTS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  'a couple of': 2,
  'a few': 3,
};

const MONTH = `(${MONTHS.map((month) => `${month}|${month.slice(0, 3)}\\.?`).join('|')})`;
const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
const YEAR = String.raw`((?:19|20)\d{2})`;

export interface Dated {
  /** The text, a relative date replaced by the date that it meant. */
  readonly text: string;
  /** ISO date of the day on which it began; undefined where no date is said. */
  readonly validFrom: string | undefined;
}

/** Finds the first date that a sentence states; a relative one is counted from `at` and spelt out. */
export function dated(text: string, at: Date | undefined): Dated {
  const explicit = explicitDate(text);
  if (explicit !== undefined) return { text, validFrom: explicit };
  return (at === undefined ? undefined : relativeDate(text, at)) ?? { text, validFrom: undefined };
}

const AMERICAN = new RegExp(`\\b${MONTH} ${DAY},? ${YEAR}\\b`, 'i');
const BRITISH = new RegExp(`\\b${DAY} (?:of )?${MONTH},? ${YEAR}\\b`, 'i');
const MONTH_ALONE = new RegExp(`\\b${MONTH},? (?:of )?${YEAR}\\b`, 'i');
const YEAR_ALONE = new RegExp(
  `\\b(?:in|since|from|back in|during|until|around|of|early|late|mid) ${YEAR}\\b`,
  'i',
);

function explicitDate(text: string): string | undefined {
  if (!/\d{4}/.test(text)) return undefined;
  const written = /\b((?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))\b/.exec(text)?.[1];
  if (written !== undefined) return written;
  const american = AMERICAN.exec(text);
  if (american !== null) return isoDay(american[3], american[1], american[2]);
  const british = BRITISH.exec(text);
  if (british !== null) return isoDay(british[3], british[2], british[1]);
  const monthOnly = MONTH_ALONE.exec(text);
  if (monthOnly !== null) return isoDay(monthOnly[2], monthOnly[1], '1');
  const yearOnly = YEAR_ALONE.exec(text)?.[1];
  return yearOnly === undefined ? undefined : `${yearOnly}-01-01`;
}

function isoDay(year = '', month = '', day = ''): string | undefined {
  const index = MONTHS.findIndex((name) =>
    name.startsWith(month.toLowerCase().replace('.', '').slice(0, 3)),
  );
  const date = new Date(Date.UTC(Number(year), index, Number(day)));
  return date.getUTCDate() === Number(day) ? iso(date) : undefined;
}

type Rule = readonly [RegExp, (found: RegExpExecArray, at: Date) => readonly [Date, string]];

const RULES: readonly Rule[] = [
  [/\bthe day before yesterday\b/i, (_found, at) => day(addDays(at, -2))],
  [
    /\b(?:yesterday(?: (?:morning|afternoon|evening))?|last night)\b/i,
    (_found, at) => day(addDays(at, -1)),
  ],
  [/\b(?:today|tonight|this (?:morning|afternoon|evening))\b/i, (_found, at) => day(at)],
  [/\btomorrow(?: (?:morning|afternoon|evening|night))?\b/i, (_found, at) => day(addDays(at, 1))],
  [
    /\b(\d{1,3}|a couple of|a few|an?|one|two|three|four|five|six|seven|eight|nine|ten) (day|week|month|year)s? ago\b/i,
    (found, at) =>
      ago(
        COUNTS[(found[1] ?? '').toLowerCase()] ?? Number(found[1]),
        (found[2] ?? '').toLowerCase(),
        at,
      ),
  ],
  [
    new RegExp(`\\b(?:on )?(last|this|next|this past|this coming) (${WEEKDAYS.join('|')})\\b`, 'i'),
    (found, at) =>
      day(
        weekday(
          at,
          (found[1] ?? '').toLowerCase(),
          WEEKDAYS.indexOf((found[2] ?? '').toLowerCase()),
        ),
      ),
  ],
  [
    /\b(?:earlier )?(last|this|next) week\b(?! of)/i,
    (found, at) => week(addDays(monday(at), 7 * step(found[1]))),
  ],
  [
    /\b(last|this|next) weekend\b/i,
    (found, at) => weekend(addDays(monday(at), 7 * step(found[1]) + 5)),
  ],
  [/\b(?:earlier )?(last|this|next) month\b/i, (found, at) => month(shift(at, step(found[1])))],
  [
    /\b(?:earlier )?(last|this|next) year\b/i,
    (found, at) => year(at.getUTCFullYear() + step(found[1])),
  ],
];

function relativeDate(text: string, at: Date): Dated | undefined {
  for (const [pattern, resolve] of RULES) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const [date, words] = resolve(found, at);
    const before = text.slice(0, found.index).replace(/\bjust $/i, '');
    const spelt = before === '' ? words.charAt(0).toUpperCase() + words.slice(1) : words;
    return {
      text: before + spelt + text.slice(found.index + found[0].length),
      validFrom: iso(date),
    };
  }
  return undefined;
}

function ago(count: number, unit: string, at: Date): readonly [Date, string] {
  if (unit === 'day') return day(addDays(at, -count));
  if (unit === 'week') return week(addDays(monday(at), -7 * count));
  return unit === 'month' ? month(shift(at, -count)) : year(at.getUTCFullYear() - count);
}

const step = (word = ''): number => ({ last: -1, next: 1 })[word.toLowerCase()] ?? 0;
const iso = (date: Date): string => date.toISOString().slice(0, 10);
const monthName = (date: Date): string => {
  const name = MONTHS[date.getUTCMonth()] ?? '';
  return name.charAt(0).toUpperCase() + name.slice(1);
};
const spell = (date: Date): string =>
  `${date.getUTCDate()} ${monthName(date)} ${date.getUTCFullYear()}`;
const day = (date: Date): readonly [Date, string] => [date, `on ${spell(date)}`];
const week = (date: Date): readonly [Date, string] => [date, `in the week of ${spell(date)}`];
const weekend = (date: Date): readonly [Date, string] => [date, `on the weekend of ${spell(date)}`];
const month = (date: Date): readonly [Date, string] => [
  date,
  `in ${monthName(date)} ${date.getUTCFullYear()}`,
];
const year = (number: number): readonly [Date, string] => [
  new Date(Date.UTC(number, 0, 1)),
  `in ${number}`,
];

function addDays(date: Date, days: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days));
}

/** The first of a month so many months away. */
function shift(date: Date, months: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

function monday(date: Date): Date {
  return addDays(date, -((date.getUTCDay() + 6) % 7));
}

/** `last Friday` is the one before today, `this` and `next` the one after (today itself for `this`). */
function weekday(at: Date, which: string, wanted: number): Date {
  const ahead = (wanted - at.getUTCDay() + 7) % 7;
  if (which === 'last' || which === 'this past') return addDays(at, ahead === 0 ? -7 : ahead - 7);
  return addDays(at, which === 'next' && ahead === 0 ? 7 : ahead);
}
