/** A time of day as it is written. */
export interface TimeOfDay {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  /** Undefined: the text states no offset. */
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
/** `10 am` */
const HOUR_OF_HALF = /^,? ?(?:at )?(\d{1,2})()()() ?([ap])\.?m\.?(.*)$/i;
/** ISO's `T10Z` */
const HOUR = /^t(\d{2})()()()()(?=z|[+-])(.*)$/i;
/** The name of a zone after an offset: `(Central European Time)`, as JavaScript writes it, or `[Europe/Berlin]`. */
const PLACE = / ?(?:\([^()]*\)|\[[^[\]]*\])$/;
/** Text after a date that is no time: a point, a comma, the word for year in Russian, Ukrainian or Polish, or XML's `Z`. */
const NO_TIME = /^(?:\. ?|,| ?(?:г\.?|р\.?|года|року|r\.|roku)|z)$/iu;

/** Reads the time in the text after a date; without one it is midnight. Undefined: the text is no time, or its zone is unknown. */
export function readTime(rest: string): TimeOfDay | undefined {
  const bare = rest.replace(PLACE, '');
  if (bare === '' || NO_TIME.test(bare)) return MIDNIGHT;
  const [, hours, minutes, seconds, fraction, half, zone = ''] =
    TIME.exec(bare) ?? COMPACT_TIME.exec(bare) ?? HOUR_OF_HALF.exec(bare) ?? HOUR.exec(bare) ?? [];
  const offset = readZone(zone);
  if (hours === undefined || offset === undefined) return undefined;
  const hour = hourOf(Number(hours), half);
  const [minute, second] = [Number(minutes || '0'), Number(seconds || '0')];
  // 24:00 is the end of a day.
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
 * Hours ahead of UTC: the zones of RFC 2822, and others whose letters mean one zone only. IST and BST mean several zones
 * and are not read; CST is read as in RFC 2822.
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

/** Reads the zone after a time, in minutes ahead of UTC. Null: the text is empty. Undefined: the zone is unknown or ambiguous. */
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
