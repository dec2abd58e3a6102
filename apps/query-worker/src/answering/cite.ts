import { MARKER } from '@app/llm-providers';
import { citationMarker } from '@app/memory';

/** An answer in which every marker points to a memory that the model was shown. */
export interface CitedAnswer {
  /** Markers have the form `[mem-N]`, and invalid ones are removed. Other brackets are as the model wrote them. */
  readonly text: string;
  readonly cited: ReadonlySet<number>;
}

/** The numbers and texts that the model was shown. */
export interface ShownMaterial {
  readonly numbers: ReadonlySet<number>;
  /** Texts of the memories and of the question. A bare number that also occurs in one of them may be a quotation. */
  readonly texts: readonly string[];
}

const MARKERS = new RegExp(MARKER, 'giu');
/** `[1]`, `[1, 2]`, `[1][2]` or `(memory 2)`, but no array index and no link. Repetitions are bounded, so that matching stays fast. */
const BARE_MARKERS =
  /(?<![\w\])`])(?:(?:\[\s{0,4}\d{1,3}(?:\s{0,4}[,;]\s{0,4}\d{1,3}){0,20}\s{0,4}\]){1,8}|\(memor(?:y|ies)\s{1,4}\d{1,3}\))(?![(\w[])/giu;
const MAX_RANGE = 100;
/** Markers in one answer. A range such as `[mem-1-100]` becomes a hundred markers; those beyond this bound are removed. */
const MAX_MARKERS = 1_000;

/** Keeps the markers of an answer that point to shown memories, and removes the others. */
export function cite(answer: string, { numbers: shown, texts }: ShownMaterial): CitedAnswer {
  const cited = new Set<number>();
  const pieces: string[] = [];
  let done = 0;
  let left = MAX_MARKERS;
  for (const { 0: marker, index } of answer.matchAll(MARKERS)) {
    const between = answer.slice(done, index);
    done = index + marker.length;
    const numbers = numbersIn(marker).filter((number) => shown.has(number));
    for (const number of numbers) cited.add(number);
    const written = numbers.slice(0, left);
    left -= written.length;
    const before = withoutSpaceAtEnd(withoutOpening(between));
    const space = written.length > 0 && before.length < between.length ? ' ' : '';
    pieces.push(before, space, ...written.map(citationMarker));
  }
  // Bare numbers count only in an answer without any proper marker.
  if (done === 0) addBare(answer, { numbers: shown, texts }, cited);
  return { text: (pieces.join('') + answer.slice(done)).trim(), cited };
}

/** Bare numbers stay in the text, because a bare number need not be a citation. */
function addBare(
  answer: string,
  { numbers: shown, texts }: ShownMaterial,
  cited: Set<number>,
): void {
  for (const [bare] of answer.matchAll(BARE_MARKERS)) {
    const numbers = [...bare.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    if (!numbers.every((number) => shown.has(number))) continue;
    if (texts.some((text) => text.includes(bare))) continue;
    for (const number of numbers) cited.add(number);
  }
}

/** The opening of a marker at the end of a text. Removing the inner marker of `[mem-[mem-1]2]` would form another marker. */
const OPENING = /[[(【]\s{0,4}mem(?:or(?:y|ies))?s?[\s_:#-]{0,4}$/iu;

const [SHORTEST_OPENING, LONGEST_OPENING] = [4, 20];

function withoutOpening(text: string): string {
  let end = text.length;
  for (;;) {
    if (end < SHORTEST_OPENING) return text.slice(0, end);
    const found = OPENING.exec(text.slice(Math.max(0, end - LONGEST_OPENING), end));
    if (!found) return text.slice(0, end);
    end -= found[0].length;
  }
}

function withoutSpaceAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(0, end);
}

/** `1, 3–5` is 1, 3, 4 and 5. The dash of `mem-1` is removed with its word first. */
function numbersIn(marker: string): readonly number[] {
  const plain = marker.replace(/mem(?:or(?:y|ies))?s?[\s_:#-]*/giu, '');
  const ranges = [...plain.matchAll(/(\d+)(?:\s*[–-]\s*(\d+))?/gu)];
  const numbers = ranges.flatMap(([, from = '', to = from]) => {
    const [first, last] = [Number(from), Math.min(Number(to), Number(from) + MAX_RANGE)];
    return last < first
      ? [first, Number(to)]
      : Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
  return [...new Set(numbers)];
}

/** Replaces markers in a text for the prompt (`[mem-2]` by `{mem-2}`), so that a model that copies the text cites nothing. */
export function withoutReadableMarkers(text: string): string {
  return text.replace(MARKERS, (marker) => `{${marker.slice(1, -1)}}`);
}
