/** Widely used languages whose dates are written as day, month and year: a model may write a month in one of them. */
const LANGUAGES = 'en de fr es it pt nl sv da nb fi pl cs sk ru uk bg ro hu tr el hr id'.split(' ');
const WIDTHS = ['long', 'short'] as const;

/** Without accents, capitals and the point of an abbreviation. */
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
  const twice = new Set<string>();
  for (const language of LANGUAGES)
    for (const width of WIDTHS) {
      const alone = new Intl.DateTimeFormat(language, { [unit]: width, timeZone: 'UTC' });
      // Beside a day many languages have another form of the month.
      const inDate = new Intl.DateTimeFormat(language, { ...DATE, [unit]: width });
      for (let index = 0; index < count; index += 1)
        for (const written of [alone.format(dateOf(index)), partOf(inDate, unit, dateOf(index))]) {
          const name = folded(written);
          if (/\d/.test(name)) continue;
          if ((names.get(name) ?? index) !== index) twice.add(name);
          names.set(name, index);
        }
    }
  for (const name of twice) names.delete(name);
  return names;
}

const MONTHS: ReadonlyMap<string, number> = new Map([
  ...namesOf('month', 12, (index) => new Date(Date.UTC(2024, index, 1))),
  ['sept', 8] as const,
]);
const WEEKDAYS = namesOf('weekday', 7, (index) => new Date(Date.UTC(2024, 0, 1 + index)));

/** 1 to 12; undefined where no month has this name, or two languages give it to different months. */
export function monthNamed(word: string): number | undefined {
  const index = MONTHS.get(folded(word));
  return index === undefined ? undefined : index + 1;
}

export const isWeekday = (word: string): boolean =>
  WEEKDAYS.has(folded(word)) || ['tues', 'wednes', 'thur', 'thurs'].includes(folded(word));
