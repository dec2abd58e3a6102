/** An answer whose every marker points to a memory that the model was shown. */
export interface Cited {
  /** Markers in the one form `[mem-N]`; those that point nowhere are gone. */
  readonly text: string;
  readonly cited: ReadonlySet<number>;
}

/** `[mem-1]`, and what models make of it: `[MEM 1]`, `[mem-1, mem-2]`, `[memory 1 and 2]`, `(mem-1)`, `【mem_1】`. */
const MARKER = /[ \t]*[[(【]\s*(?:mem(?:ory|ories)?s?[\s_:#-]*\d[^[\](){}【】\n]*)[\])】]/giu;
/** What may stand inside: numbers, each with or without the word, and what joins them. */
const NUMBERS_ONLY = /^(?:mem(?:ory|ories)?s?|and|und|et|y|[\s\d,;&/_:#.–-])+$/iu;
/** A bare `[1]` or `[1, 2]`: no index into something, and no link. */
const BARE_MARKER = /[ \t]*(?<![\w\])`])\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\](?![(\w[])/gu;
const WIDEST_RANGE = 100;

/** Reads the markers of an answer. @param shown the numbers of the memories that the model was shown. */
export function cite(answer: string, shown: ReadonlySet<number>): Cited {
  const cited = new Set<number>();
  let marked = false;
  const replace = (marker: string): string => {
    const inside = marker.trim().slice(1, -1);
    if (!NUMBERS_ONLY.test(inside)) return marker;
    marked = true;
    const numbers = numbersIn(inside).filter((number) => shown.has(number));
    for (const number of numbers) cited.add(number);
    if (numbers.length === 0) return '';
    const space = /^[ \t]/.test(marker) ? ' ' : '';
    return space + numbers.map((number) => `[mem-${number}]`).join('');
  };
  const named = answer.replace(MARKER, replace);
  // Only where the form that was asked for is nowhere: beside it a bare number is something else.
  const text = marked ? named : named.replace(BARE_MARKER, replace);
  return { text: text.trim(), cited };
}

/** `1, 3–5` is 1, 3, 4 and 5; in `mem-1` the dash belongs to the word. */
function numbersIn(inside: string): readonly number[] {
  const plain = inside.replace(/mem(?:ory|ories)?s?[\s_:#-]*/giu, '');
  const ranges = [...plain.matchAll(/(\d{1,4})(?:\s*[–-]\s*(\d{1,4}))?/gu)];
  const numbers = ranges.flatMap(([, from = '', to = from]) => {
    const [first, last] = [Number(from), Math.min(Number(to), Number(from) + WIDEST_RANGE)];
    return last < first
      ? [first, Number(to)]
      : Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
  return [...new Set(numbers)];
}
