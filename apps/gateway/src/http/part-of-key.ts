/** So much of a key is a part of it; less occurs by chance. The scrubber of the workers has the same measure. */
const PART_CHARACTERS = 12;

/**
 * Whether a header shares twelve characters in a row with any of these keys, in capitals or not: a trace id is written in
 * small ones.
 * @param text a short one: all its parts are looked up at each place of each key.
 */
export function holdsPartOf(keys: readonly string[], text: string): boolean {
  const parts = new Set(partsOf(text.toLowerCase()));
  if (parts.size === 0) return false;
  // Most places of a key begin no part: two characters tell, without a copy.
  const beginnings = new Set([...parts].map((part) => beginningAt(part, 0)));
  return keys.some((key) => {
    const folded = key.toLowerCase();
    for (let at = 0; at + PART_CHARACTERS <= folded.length; at += 1) {
      if (!beginnings.has(beginningAt(folded, at))) continue;
      if (parts.has(folded.slice(at, at + PART_CHARACTERS))) return true;
    }
    return false;
  });
}

function* partsOf(text: string): Generator<string> {
  for (let at = 0; at + PART_CHARACTERS <= text.length; at += 1)
    yield text.slice(at, at + PART_CHARACTERS);
}

const beginningAt = (text: string, at: number): number =>
  text.charCodeAt(at) * 0x1_00_00 + text.charCodeAt(at + 1);
