/** Line ends other than a line feed. CR LF is one line end. */
const LINE_END = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** Control characters except tab and line feed. Each run becomes one space, so that two words do not become one. */
const CONTROLS = /[^\P{Cc}\t\n]+ ?/gu;
const EMPTY_LINES_BEFORE = /^(?:[^\S\n]*\n)+/;
const MAX_EMPTY_LINES = 2;

/**
 * Normalizes the text of a fact for storage. Lines and their indents are kept, because they have a meaning in code and
 * lists. Every line end becomes a line feed, white space at line ends is removed, more than two empty lines become two,
 * control characters become a space, and a lone surrogate becomes U+FFFD. The first line keeps its indent only if a later
 * line is indented at least as much.
 */
export function factText(written: string): string {
  const lines = written
    .toWellFormed()
    .replace(LINE_END, '\n')
    .replace(CONTROLS, ' ')
    .replace(EMPTY_LINES_BEFORE, '')
    .trimEnd()
    .split('\n');
  if (!isIndentedBlock(lines)) lines[0] = lines[0]?.trimStart() ?? '';
  const kept: string[] = [];
  let emptyLines = 0;
  for (const line of lines) {
    const text = line.trimEnd();
    emptyLines = text === '' ? emptyLines + 1 : 0;
    if (emptyLines <= MAX_EMPTY_LINES) kept.push(text);
  }
  return kept.join('\n');
}

/** Whether the first line begins an indented block: a later line is indented at least as much. */
function isIndentedBlock([first = '', ...later]: readonly string[]): boolean {
  const indent = first.slice(0, first.length - first.trimStart().length);
  return later.some((line) => line.startsWith(indent));
}

/**
 * Splits a text into parts of at most `maxBytes`. A part ends after a paragraph, a line, a sentence or a word: the first of
 * these that is found in its second half. Otherwise it ends between two characters. Only white space at the cuts is lost.
 */
export function splitFactText(text: string, maxBytes: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest, 'utf8') > maxBytes) {
    const head = firstBytes(rest, maxBytes);
    const end = lengthOfPart(head);
    parts.push(head.slice(0, end).trimEnd());
    // Only line ends are removed: the indent of the line that begins the next part stays.
    rest = rest.slice(end).replace(/^ *\n+/, '');
  }
  return [...parts, rest].filter((part) => part.trim() !== '');
}

/** The first bytes of a text. A character that the cut would halve is left out. */
function firstBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8').subarray(0, maxBytes);
  // In streaming mode the decoder holds back an incomplete character at the end.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Separators after which a part may end, best first. */
const ENDS = [
  ['\n\n'],
  ['\n'],
  ['. ', '! ', '? ', '。', '！', '？', '।', '؟ '],
  [' ', '\t', '\u3000', '、', '，'],
] as const;

function lengthOfPart(head: string): number {
  for (const ends of ENDS) {
    const found = Math.max(
      ...ends.map((end) => {
        const at = head.lastIndexOf(end);
        return at === -1 ? 0 : at + end.length;
      }),
    );
    if (found > head.length / 2) return found;
  }
  return head.length;
}
