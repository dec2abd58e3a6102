import { CITATION_MARKER, citationMarker } from '@app/memory';

/** Texts between two markers that join them into one group. */
const JOINED_BY: ReadonlySet<string> = new Set(['', ',', ';']);
const BLANKS: ReadonlySet<string | undefined> = new Set([' ', '\t']);
const SPACES: ReadonlySet<string | undefined> = new Set([' ', '\t', '\n', '\r']);
/** If one of these follows a removed marker, the blank before the marker is removed too. */
const CLOSING: ReadonlySet<string | undefined> = new Set([
  '.',
  ',',
  ';',
  ':',
  '!',
  '?',
  '\n',
  undefined,
]);

interface Marker {
  readonly start: number;
  readonly end: number;
  readonly number: number;
}

/** Adjacent markers, including round brackets around them. */
interface MarkerGroup {
  readonly start: number;
  readonly end: number;
  readonly markers: readonly Marker[];
}

/** The answer without its markers. */
export const withoutMarkers = (text: string): string => replaceGroups(text, () => '');

/**
 * Renumbers the markers of an answer, and removes those whose memory was erased.
 * @param placeOf the new number of a marker, from 1; undefined: the marker is removed.
 */
export function renumberMarkers(
  text: string,
  placeOf: (number: number) => number | undefined,
): string {
  return replaceGroups(text, ({ start, end, markers }) => {
    const left = markers.flatMap((marker) => {
      const place = placeOf(marker.number);
      return place === undefined ? [] : [{ ...marker, text: citationMarker(place) }];
    });
    if (left.length === 0) return '';
    const [first, last] = [markers[0]?.start ?? start, markers.at(-1)?.end ?? end];
    const isWhole = left.length === markers.length;
    const joined = left.map((marker, index) => {
      const before = isWhole && index > 0 ? text.slice(left[index - 1]?.end, marker.start) : '';
      return before + marker.text;
    });
    return text.slice(start, first) + joined.join('') + text.slice(last, end);
  });
}

/**
 * Passes over the text once: a regular expression for a group and the blanks before it takes quadratic time on a text of
 * blanks. Only groups and the blanks beside them are removed, so the result has no text that the scrubber did not check.
 */
function replaceGroups(text: string, replace: (group: MarkerGroup) => string): string {
  const pieces: string[] = [];
  let at = 0;
  for (const group of groupsIn(text)) {
    const replacement = replace(group);
    if (replacement !== '') {
      pieces.push(text.slice(at, group.start), replacement);
      at = group.end;
      continue;
    }
    const before = text.slice(at, skipBack(text, group.start, at, BLANKS));
    if (before !== '') pieces.push(before);
    const next = skip(text, group.end, BLANKS);
    const startsLine = pieces.at(-1)?.endsWith('\n') ?? true;
    at = startsLine || CLOSING.has(text[next]) ? next : group.end;
  }
  return [...pieces, text.slice(at)].join('').trim();
}

function* groupsIn(text: string): Generator<MarkerGroup> {
  let markers: Marker[] = [];
  let endOfLast = 0;
  for (const { index, 0: found, 1: number } of text.matchAll(CITATION_MARKER)) {
    const marker = { start: index, end: index + found.length, number: Number(number) };
    const last = markers.at(-1);
    if (last && !isJoin(text.slice(last.end, marker.start))) {
      const group = groupOf(text, markers, endOfLast);
      yield group;
      endOfLast = group.end;
      markers = [];
    }
    markers.push(marker);
  }
  if (markers.length > 0) yield groupOf(text, markers, endOfLast);
}

function isJoin(between: string): boolean {
  const bare = between.trim();
  if (JOINED_BY.has(bare)) return true;
  return bare === 'and' && SPACES.has(between[0]) && SPACES.has(between.at(-1));
}

/** @param from the end of the previous group. */
function groupOf(text: string, markers: readonly Marker[], from: number): MarkerGroup {
  const [start, end] = [markers[0]?.start ?? from, markers.at(-1)?.end ?? from];
  const opening = skipBack(text, start, from, SPACES) - 1;
  const closing = skip(text, end, SPACES);
  const isBracketed = opening >= from && text[opening] === '(' && text[closing] === ')';
  return isBracketed ? { start: opening, end: closing + 1, markers } : { start, end, markers };
}

/** The first index from `at` on whose character is not in `signs`. */
function skip(text: string, at: number, signs: ReadonlySet<string | undefined>): number {
  let next = at;
  while (next < text.length && signs.has(text[next])) next += 1;
  return next;
}

/** The start of the run of `signs` that ends before `at`; at least `from`. */
function skipBack(
  text: string,
  at: number,
  from: number,
  signs: ReadonlySet<string | undefined>,
): number {
  let first = at;
  while (first > from && signs.has(text[first - 1])) first -= 1;
  return first;
}
