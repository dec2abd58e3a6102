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
export function readZone(zone: string): number | null | undefined {
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
