/** Every way to end a line, CR LF as one. */
const LINE_END = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** Control characters but tab and line feed. A space takes their place, so that no two words become one. */
const CONTROLS = /[^\P{Cc}\t\n]+ ?/gu;
const EMPTY_LINES_BEFORE = /^(?:[^\S\n]*\n)+/;
const MOST_EMPTY_LINES = 2;

/**
 * A fact as it is stored. Lines and their indents are kept, because they have a meaning in code and lists. Every line end
 * becomes a line feed, white space at line ends is removed, more than two empty lines become two, control characters become
 * a space, and a lone surrogate becomes U+FFFD. The first line keeps its indent only if a later line is indented as far.
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
    if (emptyLines <= MOST_EMPTY_LINES) kept.push(text);
  }
  return kept.join('\n');
}

/** Whether the first line begins an indented block: a later line is indented at least as far. */
function isIndentedBlock([first = '', ...later]: readonly string[]): boolean {
  const indent = first.slice(0, first.length - first.trimStart().length);
  return later.some((line) => line.startsWith(indent));
}

/**
 * A text in parts of at most so many bytes, each cut at the end of a paragraph, a line, a sentence or a word, the best of
 * these in its second half; where there is none, between two characters. Nothing but white space at the cuts is lost.
 */
export function partsOf(text: string, mostBytes: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest, 'utf8') > mostBytes) {
    const head = firstBytes(rest, mostBytes);
    const end = cutIn(head);
    parts.push(head.slice(0, end).trimEnd());
    // Only line ends are removed: the indent of the line that begins the next part stays.
    rest = rest.slice(end).replace(/^ *\n+/, '');
  }
  return [...parts, rest].filter((part) => part.trim() !== '');
}

/** The first bytes of a text, without the part of a character that the cut would leave. */
function firstBytes(text: string, most: number): string {
  const bytes = Buffer.from(text, 'utf8').subarray(0, most);
  // In streaming mode the decoder keeps back a character that the cut halves.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Separators after which a part may end, best first. */
const ENDS = [
  ['\n\n'],
  ['\n'],
  ['. ', '! ', '? ', '。', '！', '？', '।', '؟ '],
  [' ', '\t', '\u3000', '、', '，'],
] as const;

function cutIn(head: string): number {
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
