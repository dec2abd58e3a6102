/**
 * How models write that a sentence rests on a memory: `[mem-1]`, and `[MEM 1]`, `[mem-1, mem-2]`, `[memory 1 and 2]`,
 * `(mem-1)`, `【mem_1】`. Not `(memory 1)`: people write that as well. The query worker and the gateway take markers out of an answer, so the scrubber reads the text
 * on both sides of one as if it stood together. Every repetition ends at a bracket: a search for it is linear.
 */
export const MARKER =
  String.raw`(?:[[【]\s*mem(?:or(?:y|ies))?s?|\(\s*mem)[\s_:#-]*\d` +
  String.raw`(?:[\s\d,;&/_:#.–-]|and|und|et|y|mem(?:or(?:y|ies))?s?)*[\])】]`;

const GROUP = String.raw`${MARKER}(?:(?:\s*[,;]\s*|\s+and\s+|\s*)${MARKER})*`;
const SEEN_THROUGH = new RegExp(String.raw`\(\s*${GROUP}\s*\)|${GROUP}`, 'iuy');
/** What may follow a marker and join it to another one, up to the end of the text. */
const JOINING =
  /(?:\s*(?:[,;]\s*)?|\s+(?:a(?:n(?:d\s*)?)?)?)(?:[[(【]\s*(?:m(?:e(?:m[^[\](){}【】\n]*)?)?)?)?$/iuy;
const BEGINNING = /[[(【]\s*(?:\[\s*)?(?:m(?:e(?:m[^[\](){}【】\n]*)?)?)?$/iuy;

/** Where the markers that begin at `at` end, with what joins them; undefined where there is none. */
export function markersEnd(text: string, at: number): number | undefined {
  SEEN_THROUGH.lastIndex = at;
  return SEEN_THROUGH.test(text) ? SEEN_THROUGH.lastIndex : undefined;
}

/** Whether the rest of the text, behind a marker, may join it to another one that has not arrived yet. */
export function mayJoinMarkers(text: string, at: number): boolean {
  JOINING.lastIndex = at;
  return JOINING.test(text);
}

/** Whether the rest of the text may be the first half of a marker. */
export function mayBecomeMarker(text: string, at: number): boolean {
  BEGINNING.lastIndex = at;
  return BEGINNING.test(text);
}
