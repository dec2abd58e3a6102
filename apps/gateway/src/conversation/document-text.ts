import { type Fields, isFields } from './part-kinds.js';

/** A text that was attached, with its title. */
export interface AttachedText {
  readonly title: string | undefined;
  readonly text: string;
}

const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** The texts in a list of parts, or a text alone. */
function textIn(value: unknown): string | undefined {
  if (!Array.isArray(value)) return filled(value);
  const texts = value.flatMap(
    (part: unknown) => filled(isFields(part) ? part['text'] : part) ?? [],
  );
  return filled(texts.join('\n'));
}

/**
 * The text of a document, a search result or a resource, where it is sent as text: Anthropic's `source: {type: 'text', data}`
 * and `source: {type: 'content', content}`, Bedrock's `source: {text}`, LangChain's `text`, Cohere's `document: {data}`, MCP's
 * `resource: {text}`. Undefined: it is a file, or the text is somewhere else.
 */
export function attachedText(part: Fields): AttachedText | undefined {
  const { source, document, resource, title, name } = part;
  const inner = [document, resource].find(isFields);
  const text = ofSource(source) ?? textIn(part['text']) ?? textIn(part['content']) ?? dataOf(inner);
  if (text !== undefined) return { title: filled(title) ?? filled(name), text };
  return inner ? attachedText(inner) : undefined;
}

function ofSource(source: unknown): string | undefined {
  if (!isFields(source)) return undefined;
  const { type, data, text, content } = source;
  return (type === 'text' ? filled(data) : undefined) ?? filled(text) ?? textIn(content);
}

/** Cohere's documents are a text or an object of texts. */
function dataOf(document: Fields | undefined): string | undefined {
  const data = document?.['data'];
  return isFields(data) ? JSON.stringify(data) : filled(data);
}
