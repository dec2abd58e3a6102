/**
 * The tags around the thoughts that one family of models writes before its answer. The chat template may write the opening
 * tag.
 */
interface ThoughtForm {
  /** The opening tags in lower case. A text that arrives in pieces and is the beginning of one may still become the tag. */
  readonly openings: readonly string[];
  /** Sticky: matches only at `lastIndex`. */
  readonly open: RegExp;
  readonly close: RegExp;
  /** Ordinary text may begin like this block. If the closing tag never arrives, the text is the answer. */
  readonly mayBeText?: boolean;
}

/** A block whose opening tag was read. */
type OpenBlock = Pick<ThoughtForm, 'close' | 'mayBeText'>;

const TAG_NAMES = ['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection'];
const HARMONY = '<|channel|>analysis<|message|>';

/** In this order: DeepSeek and Qwen; Magistral; Kimi; Open Thoughts; Cohere; gpt-oss, which thinks in a channel of its own. */
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
  // In this order: gpt-oss if a server removes the marks of its channels; Gemma 4; Ollama's own client; Open WebUI.
  {
    openings: ['analysis'],
    open: /analysis(?=[A-Z])/y,
    close: /assistant(?:commentary)?final/,
    mayBeText: true,
  },
  { openings: ['<|channel>thought'], open: /<\|channel>thought/iy, close: /<channel\|>/i },
  {
    openings: ['thinking...'],
    open: /thinking\.\.\.\r?\n/iy,
    close: /\.\.\.done thinking\./i,
    mayBeText: true,
  },
  {
    openings: ['<details type="reasoning"'],
    open: /<details type="reasoning"[^<>]{0,200}>/iy,
    close: /<\/details>/i,
    mayBeText: true,
  },
];

/** Closing tags that are never ordinary markup, so they count without an opening tag. `</reasoning>` is not among them. */
const UNAMBIGUOUS_CLOSING_TAG =
  /<\/(?:seed:)?think(?:ing)?\s{0,4}>|\[\/think\]|◁\/think▷|<\|end_of_thought\|>|<\|end_thinking\|>|<\|channel\|>final<\|message\|>/gi;
const ATTRIBUTES = /^<(?:seed:)?[a-z]{5,10}\s[^<>]{0,200}$/i;
/** The block of a host whose chat template writes the opening: all text may be a thought until a closing tag. */
const OPENED_BY_TEMPLATE: OpenBlock = {
  close: new RegExp(UNAMBIGUOUS_CLOSING_TAG.source, 'i'),
  mayBeText: true,
};
const LONGEST_CLOSE = 40;
const LONGEST_OPENING = 60;

/**
 * Removes leading blocks of thoughts from a text that arrives in pieces. A block that is never closed is removed too, unless
 * it `mayBeText`: then it is the answer.
 */
export class ThoughtFilter {
  #held = '';
  /** Text before `#held` of a block that may turn out to be the answer. */
  #kept: string[] = [];
  /** Undefined if no block is open. */
  #block: OpenBlock | undefined;
  #isInAnswer = false;
  #hasDropped = false;

  /** @param opensInThought the chat template of the host writes the opening of a block itself */
  constructor(opensInThought = false) {
    if (opensInThought) this.#block = OPENED_BY_TEMPLATE;
  }

  /** @returns the text that belongs to the answer */
  push(piece: string): string {
    if (this.#isInAnswer) return piece;
    this.#held += piece;
    for (;;) {
      if (this.#block !== undefined && !this.#dropBlock(this.#block)) return '';
      const start = this.#held.length - this.#held.trimStart().length;
      const opened = openedAt(this.#held, start);
      if (opened === undefined) return mayOpen(this.#held.slice(start)) ? '' : this.end();
      if (opened.block.mayBeText === true) this.#keep(start + opened.length);
      else this.#drop(start + opened.length);
      this.#block = opened.block;
    }
  }

  /** Ends the search for thoughts, at the first text of the answer or at its end. @returns the text that was held back */
  end(): string {
    const isAnswer = this.#block === undefined || this.#block.mayBeText === true;
    const rest = isAnswer ? this.#kept.join('') + this.#held : '';
    this.#isInAnswer = true;
    this.#held = '';
    this.#kept = [];
    return this.#hasDropped ? rest.trimStart() : rest;
  }

  /** @returns whether the closing tag of the block has arrived */
  #dropBlock({ close, mayBeText }: OpenBlock): boolean {
    const end = close.exec(this.#held);
    if (end === null) {
      const searched = Math.max(0, this.#held.length - LONGEST_CLOSE);
      if (mayBeText === true) this.#keep(searched);
      else this.#held = this.#held.slice(searched);
      return false;
    }
    this.#drop(end.index + end[0].length);
    this.#block = undefined;
    return true;
  }

  /** Keeps the text of a block that may be ordinary text until its closing tag arrives. */
  #keep(characters: number): void {
    this.#kept.push(this.#held.slice(0, characters));
    this.#held = this.#held.slice(characters);
  }

  #drop(characters: number): void {
    this.#hasDropped = true;
    this.#kept = [];
    this.#held = this.#held.slice(characters);
  }
}

/** Removes the thoughts before the answer. */
export function withoutLeadingThoughts(text: string): string {
  const filter = new ThoughtFilter();
  return filter.push(text) + filter.end();
}

/** The thoughts of a text whose block is never closed; empty if the text has an answer. */
export function unclosedThoughtIn(text: string): string {
  if (withoutLeadingThoughts(text) !== '') return '';
  const start = text.length - text.trimStart().length;
  return text.slice(start + (openedAt(text, start)?.length ?? 0));
}

/**
 * Removes the thoughts from a whole answer, also if only the closing tag is written. That tag must be at the beginning or the end
 * of its line: within a line, a tag is part of the text.
 */
export function withoutThoughts(text: string): string {
  const answer = withoutLeadingThoughts(text);
  const end = endOfUnopenedThoughts(answer);
  return end === undefined ? answer : answer.slice(end).trimStart();
}

/** Whether a whole answer begins with thoughts of which only the closing tag is written. */
export const opensInThought = (text: string): boolean =>
  endOfUnopenedThoughts(withoutLeadingThoughts(text)) !== undefined;

/** @returns the index after the first closing tag that begins or ends its line; undefined without one. */
function endOfUnopenedThoughts(answer: string): number | undefined {
  return closingTagsIn(answer).find(({ start, end }) => isAtLineEdge(answer, start, end))?.end;
}

/** The positions of all closing tags that `UNAMBIGUOUS_CLOSING_TAG` matches, with or without an opening tag. */
export function closingTagsIn(
  text: string,
): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(UNAMBIGUOUS_CLOSING_TAG)].map(({ 0: tag, index }) => ({
    start: index,
    end: index + tag.length,
  }));
}

function isAtLineEdge(text: string, start: number, end: number): boolean {
  let before = start - 1;
  while (text[before] === ' ' || text[before] === '\t') before -= 1;
  let behind = end;
  while (text[behind] === ' ' || text[behind] === '\t' || text[behind] === '\r') behind += 1;
  return [text[before], text[behind]].some((next) => next === undefined || next === '\n');
}

function openedAt(
  text: string,
  at: number,
): { readonly length: number; readonly block: OpenBlock } | undefined {
  for (const block of FORMS) {
    const { open, close, mayBeText } = block;
    open.lastIndex = at;
    const [opening] = open.exec(text) ?? [];
    if (opening !== undefined) return { length: opening.length, block };
    // A closing tag without an opening one: the template opened the block, and there are no thoughts.
    if (mayBeText !== true && close.exec(text.slice(at, at + LONGEST_CLOSE))?.index === 0)
      return { length: 0, block };
  }
  return undefined;
}

/** Whether a text may be the beginning of the opening or the closing tag of a block. */
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
