/** A time of day as it is written. */
export interface TimeOfDay {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  /** Undefined: none is written. */
  readonly offsetMinutes: number | undefined;
}

const MIDNIGHT: TimeOfDay = {
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

/** Reads the time in the text after a date; without one it is midnight. Undefined: the text is no time. */
export function readTime(rest: string): TimeOfDay | undefined {
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

const ZONE = /^ ?(?:(z|utc|gmt)|(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?|([a-z]{3,4}))$/i;

/**
 * Hours ahead of UTC of the zones of RFC 2822, and of others whose letters mean one zone only. IST, BST and CST in Asia mean
 * several, but CST is RFC 2822's.
 */
const HOURS: Readonly<Record<string, number>> = {
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  wet: 0,
  west: 1,
  cet: 1,
  cest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  hkt: 8,
  sgt: 8,
  jst: 9,
  kst: 9,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
};

/** Minutes ahead of UTC of the zone after a time. Null: there is none. Undefined: the text is no zone, or may be several. */
function readZone(zone: string): number | null | undefined {
  if (zone.trim() === '') return null;
  const [whole, utc, sign, hours, minutes = '0', letters] = ZONE.exec(zone) ?? [];
  if (whole === undefined) return undefined;
  if (utc !== undefined) return 0;
  if (letters !== undefined) {
    const named = letters.toLowerCase();
    return Object.hasOwn(HOURS, named) ? (HOURS[named] ?? 0) * 60 : undefined;
  }
  const ahead = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return sign === '-' ? -ahead : ahead;
}
