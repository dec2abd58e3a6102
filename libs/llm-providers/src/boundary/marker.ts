/**
 * The marks with which models cite a memory: `[mem-1]`, and `[MEM 1]`, `[mem-1, mem-2]`, `[memory 1 and 2]`,
 * `(mem-1)`, `【mem_1】`. Not `(memory 1)`, which occurs in ordinary text. The query worker and the gateway remove markers
 * from an answer, so the scrubber reads the text before and after a marker as adjacent. Every repetition ends at a bracket, so
 * a search takes linear time.
 */
export const MARKER =
  String.raw`(?:[[【]\s*mem(?:or(?:y|ies))?s?|\(\s*mem)[\s_:#-]*\d` +
  String.raw`(?:[\s\d,;&/_:#.–-]|and|und|et|y|mem(?:or(?:y|ies))?s?)*[\])】]`;

const GROUP = String.raw`${MARKER}(?:(?:\s*[,;]\s*|\s+and\s+|\s*)${MARKER})*`;
const MARKERS = new RegExp(String.raw`\(\s*${GROUP}\s*\)|${GROUP}`, 'iuy');
/** Text that may connect a marker with the next one, up to the end of the text. */
const JOINING =
  /(?:\s*(?:[,;]\s*)?|\s+(?:a(?:n(?:d\s*)?)?)?)(?:[[(【]\s*(?:m(?:e(?:m[^[\](){}【】\n]*)?)?)?)?$/iuy;
const BEGINNING = /[[(【]\s*(?:\[\s*)?(?:m(?:e(?:m[^[\](){}【】\n]*)?)?)?$/iuy;

/** The end of the markers that begin at `at`, including the text that connects them; undefined if none begins there. */
export function markersEnd(text: string, at: number): number | undefined {
  MARKERS.lastIndex = at;
  return MARKERS.test(text) ? MARKERS.lastIndex : undefined;
}

/** Whether the rest of the text after a marker may connect it with a marker that has not arrived yet. */
export function mayJoinMarkers(text: string, at: number): boolean {
  JOINING.lastIndex = at;
  return JOINING.test(text);
}

/** Whether the rest of the text may be the beginning of a marker. */
export function mayBecomeMarker(text: string, at: number): boolean {
  BEGINNING.lastIndex = at;
  return BEGINNING.test(text);
}
