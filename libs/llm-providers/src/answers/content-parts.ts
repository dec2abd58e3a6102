export interface ContentText {
  readonly text: string;
  readonly thoughts: string;
  /** A part states that the model refuses to answer. */
  readonly refuses?: boolean;
}

const NOTHING: ContentText = { text: '', thoughts: '' };
const MAX_DEPTH = 4;
const THOUGHT = /think|thought|reason/i;

/**
 * Splits a message's `content` into text and thoughts. It may be a string, one part, or a list of parts, as Mistral's
 * reasoning models and OpenAI's Responses API have them. Parts of other kinds are ignored. An object with neither a type nor
 * text is returned as JSON text.
 */
export function readContent(content: unknown, depth = 0): ContentText {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  if (Array.isArray(content)) return joined(content.map((part) => readContent(part, depth + 1)));
  if (typeof content !== 'object' || content === null || depth > MAX_DEPTH) return NOTHING;
  const part = content as Readonly<Record<string, unknown>>;
  const { type } = part;
  if (typeof part['refusal'] === 'string' && part['refusal'] !== '')
    return { ...NOTHING, refuses: true };
  const held =
    part['text'] ?? part['thinking'] ?? part['summary'] ?? part['content'] ?? part['value'];
  if (typeof type === 'string' && THOUGHT.test(type)) {
    const { text, thoughts } = readContent(held, depth + 1);
    return { text: '', thoughts: text + thoughts };
  }
  if (held === undefined && type === undefined)
    return { text: JSON.stringify(content), thoughts: '' };
  return readContent(held, depth + 1);
}

function joined(words: readonly ContentText[]): ContentText {
  return {
    text: words.map(({ text }) => text).join(''),
    thoughts: words.map(({ thoughts }) => thoughts).join(''),
    refuses: words.some(({ refuses }) => refuses),
  };
}
