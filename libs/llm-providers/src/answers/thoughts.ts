/** How one family of models writes that it thinks before it answers. A chat template may write the opening itself. */
interface ThoughtForm {
  /** The opening, in small letters: text that is a beginning of it may still become one. */
  readonly openings: readonly string[];
  /** Matches at one place. */
  readonly open: RegExp;
  readonly close: RegExp;
}

const TAG_NAMES = ['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection'];
const HARMONY = '<|channel|>analysis<|message|>';

/** DeepSeek and Qwen; Magistral; Kimi; Open Thoughts; Cohere; gpt-oss, which thinks in a channel of its own. */
const FORMS: readonly ThoughtForm[] = [
  {
    openings: [...TAG_NAMES, 'scratchpad', 'seed:think'].map((name) => `<${name}>`),
    open: /<(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)(?:\s[^<>]{0,200})?>/iy,
    close: /<\/(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)\s{0,4}>/i,
  },
  { openings: ['[think]'], open: /\[think\]/iy, close: /\[\/think\]/i },
  { openings: ['◁think▷'], open: /◁think▷/iy, close: /◁\/think▷/i },
  {
    openings: ['<|begin_of_thought|>'],
    open: /<\|begin_of_thought\|>/iy,
    close: /<\|end_of_thought\|>/i,
  },
  {
    openings: ['<|start_thinking|>'],
    open: /<\|start_thinking\|>/iy,
    close: /<\|end_thinking\|>/i,
  },
  {
    openings: [HARMONY, `<|start|>assistant${HARMONY}`],
    open: /(?:<\|start\|>assistant)?<\|channel\|>analysis<\|message\|>/iy,
    close: /<\|channel\|>final<\|message\|>/i,
  },
];

/** What ends a block whose opening is not there. `</reasoning>` may be markup of another kind. */
const UNOPENED_END =
  /<\/(?:seed:)?think(?:ing)?\s{0,4}>|\[\/think\]|◁\/think▷|<\|end_of_thought\|>|<\|end_thinking\|>|<\|channel\|>final<\|message\|>/gi;
const ATTRIBUTES = /^<(?:seed:)?[a-z]{5,10}\s[^<>]{0,200}$/i;
const LONGEST_CLOSE = 40;
const LONGEST_OPENING = 60;

/** Takes leading blocks of thoughts out of a text that comes in pieces. A block that is never closed is all there is. */
export class ThoughtFilter {
  #held = '';
  /** Undefined: no block is open. */
  #close: RegExp | undefined;
  #answers = false;
  #dropped = false;

  /** @returns what belongs to the answer. */
  push(piece: string): string {
    if (this.#answers) return piece;
    this.#held += piece;
    for (;;) {
      if (this.#close !== undefined) {
        const end = this.#close.exec(this.#held);
        if (end === null) {
          this.#held = this.#held.slice(-LONGEST_CLOSE);
          return '';
        }
        this.#drop(end.index + end[0].length);
        this.#close = undefined;
      }
      const start = this.#held.length - this.#held.trimStart().length;
      const opened = openedAt(this.#held, start);
      if (opened === undefined) return mayOpen(this.#held.slice(start)) ? '' : this.end();
      this.#drop(start + opened.length);
      this.#close = opened.close;
    }
  }

  /** What was held back, once it is known that no block begins with it. */
  end(): string {
    const rest = this.#close === undefined ? this.#held : '';
    this.#answers = true;
    this.#held = '';
    return this.#dropped ? rest.trimStart() : rest;
  }

  #drop(characters: number): void {
    this.#dropped = true;
    this.#held = this.#held.slice(characters);
  }
}

/** A text without the thoughts that stand before its answer. */
export function withoutLeadingThoughts(text: string): string {
  const filter = new ThoughtFilter();
  return filter.push(text) + filter.end();
}

/** The thoughts of a text that is nothing else, because their block is never closed; else an empty text. */
export function unclosedThoughtIn(text: string): string {
  if (withoutLeadingThoughts(text) !== '') return '';
  const start = text.length - text.trimStart().length;
  return text.slice(start + (openedAt(text, start)?.length ?? 0));
}

/**
 * A whole answer without its thoughts, also where only the end of the block is written. That end must stand at an end of
 * its line: in the middle of a line a tag is what the text speaks of.
 */
export function withoutThoughts(text: string): string {
  const answer = withoutLeadingThoughts(text);
  const end = thoughtEndsIn(answer).find(({ start, end: to }) => standsAlone(answer, start, to));
  return end === undefined ? answer : answer.slice(end.end).trimStart();
}

/** Where tags stand that end a block, whether or not one was opened. */
export function thoughtEndsIn(
  text: string,
): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(UNOPENED_END)].map(({ 0: tag, index }) => ({
    start: index,
    end: index + tag.length,
  }));
}

function standsAlone(text: string, start: number, end: number): boolean {
  let before = start - 1;
  while (text[before] === ' ' || text[before] === '\t') before -= 1;
  let behind = end;
  while (text[behind] === ' ' || text[behind] === '\t' || text[behind] === '\r') behind += 1;
  return [text[before], text[behind]].some((next) => next === undefined || next === '\n');
}

function openedAt(
  text: string,
  at: number,
): { readonly length: number; readonly close: RegExp } | undefined {
  for (const { open, close } of FORMS) {
    open.lastIndex = at;
    const [opening] = open.exec(text) ?? [];
    if (opening !== undefined) return { length: opening.length, close };
    // An end without an opening: the template opened the block, and nothing was thought.
    if (close.exec(text.slice(at, at + LONGEST_CLOSE))?.index === 0) return { length: 0, close };
  }
  return undefined;
}

/** Whether a text that has just begun may become the opening of a block, or its end. */
function mayOpen(text: string): boolean {
  if (text.length > LONGEST_OPENING) return ATTRIBUTES.test(text);
  const folded = text.toLowerCase();
  return (
    FORMS.some(({ openings }) =>
      openings.some(
        (opening) =>
          opening.startsWith(folded) || opening.replace(/^([<[◁])/, '$1/').startsWith(folded),
      ),
    ) || ATTRIBUTES.test(text)
  );
}
