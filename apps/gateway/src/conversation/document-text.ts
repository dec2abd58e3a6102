import { type Fields, isFields } from './part-kinds.js';

/** A text attachment and its title. */
export interface AttachedText {
  readonly title: string | undefined;
  readonly text: string;
}

const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** The text itself, or the texts of a list of parts joined by line breaks. */
function joinedText(value: unknown): string | undefined {
  if (!Array.isArray(value)) return filled(value);
  const texts = value.flatMap(
    (part: unknown) => filled(isFields(part) ? part['text'] : part) ?? [],
  );
  return filled(texts.join('\n'));
}

/**
 * The text of a document, search result or resource that was sent as text: Anthropic's `source: {type: 'text', data}`
 * and `source: {type: 'content', content}`, Bedrock's `source: {text}`, LangChain's `text`, Cohere's `document: {data}`, MCP's
 * `resource: {text}`. Undefined: the part is a file, or has its text in another field.
 */
export function attachedText(part: Fields): AttachedText | undefined {
  const { source, document, resource, title, name } = part;
  const inner = [document, resource].find(isFields);
  const text =
    textOfSource(source) ??
    joinedText(part['text']) ??
    joinedText(part['content']) ??
    textOfData(inner);
  if (text !== undefined) return { title: filled(title) ?? filled(name), text };
  return inner ? attachedText(inner) : undefined;
}

function textOfSource(source: unknown): string | undefined {
  if (!isFields(source)) return undefined;
  const { type, data, text, content } = source;
  return (type === 'text' ? filled(data) : undefined) ?? filled(text) ?? joinedText(content);
}

/** The data of a Cohere document is a text or an object. */
function textOfData(document: Fields | undefined): string | undefined {
  const data = document?.['data'];
  return isFields(data) ? JSON.stringify(data) : filled(data);
}
