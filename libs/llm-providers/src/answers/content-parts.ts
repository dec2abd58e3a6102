export interface Words {
  readonly text: string;
  readonly thoughts: string;
  /** A part says that the model will not answer. */
  readonly refuses?: boolean;
}

const NOTHING: Words = { text: '', thoughts: '' };
const MAX_DEPTH = 4;
const THOUGHT = /think|thought|reason/i;

/**
 * The words of a message's `content`: a text, one part, or a list of parts, as Mistral's reasoning models and Responses
 * have them. Thoughts are told apart from text; what is neither is left out. An object without a type is the value itself.
 */
export function wordsIn(content: unknown, depth = 0): Words {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  if (Array.isArray(content)) return joined(content.map((part) => wordsIn(part, depth + 1)));
  if (typeof content !== 'object' || content === null || depth > MAX_DEPTH) return NOTHING;
  const part = content as Readonly<Record<string, unknown>>;
  const { type } = part;
  if (typeof part['refusal'] === 'string' && part['refusal'] !== '')
    return { ...NOTHING, refuses: true };
  const held =
    part['text'] ?? part['thinking'] ?? part['summary'] ?? part['content'] ?? part['value'];
  if (typeof type === 'string' && THOUGHT.test(type)) {
    const { text, thoughts } = wordsIn(held, depth + 1);
    return { text: '', thoughts: text + thoughts };
  }
  if (held === undefined && type === undefined)
    return { text: JSON.stringify(content), thoughts: '' };
  return wordsIn(held, depth + 1);
}

function joined(words: readonly Words[]): Words {
  return {
    text: words.map(({ text }) => text).join(''),
    thoughts: words.map(({ thoughts }) => thoughts).join(''),
    refuses: words.some(({ refuses }) => refuses),
  };
}
