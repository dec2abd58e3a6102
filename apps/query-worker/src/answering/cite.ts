import { MARKER } from '@app/llm-providers';
import { citationMarker } from '@app/memory';

/** An answer whose every marker points to a memory that the model was shown. */
export interface Cited {
  /** Markers in the one form `[mem-N]`; those that point nowhere are gone. Other brackets are as the model wrote them. */
  readonly text: string;
  readonly cited: ReadonlySet<number>;
}

/** What the model was shown. */
export interface Shown {
  readonly numbers: ReadonlySet<number>;
  /** The texts of the memories and of the question: a bare number that stands in one of them may be a quotation. */
  readonly texts: readonly string[];
}

const MARKERS = new RegExp(MARKER, 'giu');
/** `[1]`, `[1, 2]`, `[1][2]` or `(memory 2)`: no index into something, and no link. Every repetition is counted. */
const BARE_MARKERS =
  /(?<![\w\])`])(?:(?:\[\s{0,4}\d{1,3}(?:\s{0,4}[,;]\s{0,4}\d{1,3}){0,20}\s{0,4}\]){1,8}|\(memor(?:y|ies)\s{1,4}\d{1,3}\))(?![(\w[])/giu;
const WIDEST_RANGE = 100;
/** `[mem-1-100]` becomes a hundred markers: so many are written into one answer, and the others are taken out. */
const MOST_WRITTEN = 1_000;

/** Reads the markers of an answer. */
export function cite(answer: string, { numbers: shown, texts }: Shown): Cited {
  const cited = new Set<number>();
  const pieces: string[] = [];
  let done = 0;
  let left = MOST_WRITTEN;
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
  // Beside the form that was asked for a bare number is something else.
  if (done === 0) addBare(answer, { numbers: shown, texts }, cited);
  return { text: (pieces.join('') + answer.slice(done)).trim(), cited };
}

/** The text is left as it is: a bare number may be no citation after all. */
function addBare(answer: string, { numbers: shown, texts }: Shown, cited: Set<number>): void {
  for (const [bare] of answer.matchAll(BARE_MARKERS)) {
    const numbers = [...bare.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    if (!numbers.every((number) => shown.has(number))) continue;
    if (texts.some((text) => text.includes(bare))) continue;
    for (const number of numbers) cited.add(number);
  }
}

/** In `[mem-[mem-1]2]` the inner marker, once taken out, would leave another one. */
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

/** `1, 3–5` is 1, 3, 4 and 5; in `mem-1` the dash belongs to the word. */
function numbersIn(marker: string): readonly number[] {
  const plain = marker.replace(/mem(?:or(?:y|ies))?s?[\s_:#-]*/giu, '');
  const ranges = [...plain.matchAll(/(\d+)(?:\s*[–-]\s*(\d+))?/gu)];
  const numbers = ranges.flatMap(([, from = '', to = from]) => {
    const [first, last] = [Number(from), Math.min(Number(to), Number(from) + WIDEST_RANGE)];
    return last < first
      ? [first, Number(to)]
      : Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
  return [...new Set(numbers)];
}

/** A text for the prompt in which no marker can be read, so that a model that copies it cites nothing: `[mem-2]` is `{mem-2}`. */
export function withoutReadableMarkers(text: string): string {
  return text.replace(MARKERS, (marker) => `{${marker.slice(1, -1)}}`);
}
