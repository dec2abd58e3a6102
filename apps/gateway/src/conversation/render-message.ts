import { type Fields, foldType, isFields, kindOf, type Role, roleNamed } from './part-kinds.js';
import { callPieces, joined, type Piece, piecesOf } from './render-parts.js';
import { withoutFiles } from './without-files.js';

/** A fault of a message. `path` begins at the message. */
interface MessageFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** One message as one turn of a conversation. */
interface RenderedMessage extends Piece {
  readonly role: Role;
  readonly name: string | null;
}

/** A message as it was sent, except that a `role` is already one of this API's roles. */
export interface SentMessage extends Fields {
  readonly role?: Role | null | undefined;
  readonly type?: unknown;
  readonly name?: string | null | undefined;
}

/**
 * Renders the role and the text of one message: its text parts, its tool calls and results, and the names of its other
 * parts, one per line.
 * @returns a list of faults if the message is invalid. Only the first invalid part is reported.
 */
export function renderMessage(message: SentMessage): RenderedMessage | readonly MessageFault[] {
  const { type, name } = message;
  const role = message.role ?? (typeof type === 'string' ? roleNamed(type) : undefined);
  if (role === undefined && isItem(message)) return renderItem(message);
  const read = contentPieces(message);
  const noRole = role === undefined ? [{ path: ['role'], message: 'is required' }] : [];
  if ('path' in read) return [...noRole, read];
  if (role === undefined) return noRole;
  const pieces = [
    ...read,
    ...spoken(message, read),
    ...toolPieces(message, read),
    ...filePieces(message),
  ];
  const { text, isText } = joined(pieces);
  const isOfTools = role === 'user' && hasOnlyResults(message);
  return {
    role: isOfTools ? 'tool' : role,
    name: name || null,
    text: role === 'tool' ? withoutFiles(text) : text,
    isText,
  };
}

/** Whether a message has tool results only. Anthropic, Gemini and Bedrock send these with the role of the user. */
function hasOnlyResults({ content, parts }: SentMessage): boolean {
  const given = Array.isArray(content) ? content : parts;
  return Array.isArray(given) && given.length > 0 && given.every(isResult);
}

const RESULT_FIELDS = ['toolResult', 'functionResponse', 'function_response'] as const;

function isResult(part: unknown): boolean {
  if (!isFields(part)) return false;
  const { type } = part;
  if (typeof type === 'string') return kindOf(type).kind === 'result';
  return RESULT_FIELDS.some((name) => isFields(part[name]));
}

/** Files in fields of their own: Ollama's images, attachments of OpenAI's Assistants and of the Vercel AI SDK. */
function filePieces(message: SentMessage): readonly Piece[] {
  const { images, attachments, experimental_attachments: ofSdk } = message;
  const parts = [
    ...listOf(images).map(() => ({ type: 'image' })),
    ...[...listOf(attachments), ...listOf(ofSdk)].map((file) => ({
      type: 'file',
      mediaType: isFields(file) ? (file['contentType'] ?? file['mediaType']) : undefined,
    })),
  ];
  return parts.flatMap((part) => piecesOf(part) ?? []);
}

interface Item extends SentMessage {
  readonly type: string;
}

/** An item of OpenAI's Responses API has a type instead of a role and content: a call, a result, a reference, and others. */
function isItem(message: SentMessage): message is Item {
  const { type, content } = message;
  if (typeof type !== 'string' || (content ?? undefined) !== undefined) return false;
  const { kind } = kindOf(type);
  const folded = foldType(type);
  if (folded === '' || folded === 'message' || kind === 'text') return false;
  return kind !== 'media' || folded === 'image_generation_call';
}

/** The `name` of an item is the name of a tool, not of a speaker. */
function renderItem(item: Item): RenderedMessage {
  const { text, isText } = joined(piecesOf(item) ?? []);
  const role = kindOf(item.type).kind === 'result' ? 'tool' : 'assistant';
  return { role, name: null, text, isText };
}

const CARRIERS = ['tool_calls', 'function_call', 'toolInvocations', 'refusal', 'audio'] as const;

function contentPieces(message: SentMessage): readonly Piece[] | MessageFault {
  const { content, parts } = message;
  const isGiven = content !== undefined && content !== null && content !== '';
  // A message with both fields has the same parts twice: read `content` only.
  const field = !isGiven && Array.isArray(parts) ? 'parts' : 'content';
  const given = message[field];
  if (given === undefined && !CARRIERS.some((name) => message[name] !== undefined))
    return { path: ['content'], message: 'is required' };
  if (typeof given === 'string') return piecesOf(given) ?? [];
  const pieces: Piece[] = [];
  // MCP's messages have one part instead of a list.
  for (const [index, part] of listOf(given).entries()) {
    const found = piecesOf(part);
    const place = Array.isArray(given) ? [field, index] : [field];
    if (!found) return { path: [...place, ...placeInPart(part)], message: faultOf(part) };
    pieces.push(...found);
  }
  return pieces;
}

const placeInPart = (part: unknown): readonly string[] => {
  if (!isFields(part)) return [];
  return typeof part['type'] === 'string' && kindOf(part['type']).kind === 'text'
    ? ['text']
    : ['type'];
};

const faultOf = (part: unknown): string =>
  isFields(part) ? 'is required' : 'must be a string or an object';

/** OpenAI's messages may have a refusal instead of content, or the transcript of a spoken answer. */
function spoken({ refusal, audio }: SentMessage, written: readonly Piece[]): readonly Piece[] {
  const refused = typeof refusal === 'string' ? (piecesOf(refusal) ?? []) : [];
  if (!isFields(audio) || written.some(({ isText }) => isText)) return refused;
  return [...refused, ...(piecesOf({ type: 'audio', audio }) ?? [])];
}

/** Tool calls in fields of their own, without those that the content also has and that render to the same text. */
function toolPieces(message: SentMessage, written: readonly Piece[]): readonly Piece[] {
  const { additional_kwargs: more, toolInvocations, parts } = message;
  const isGiven = listOf(message['tool_calls']).length > 0;
  // LangChain's `additional_kwargs` repeats the provider's calls: read it only if `tool_calls` is empty.
  const { function_call: legacy, tool_calls: calls } =
    !isGiven && isFields(more) ? { ...message, ...callsIn(more) } : message;
  const invocations = Array.isArray(parts) ? [] : listOf(toolInvocations);
  const known = new Set(written.map(({ text }) => text));
  return [...listOf(legacy), ...listOf(calls), ...invocations]
    .filter(isFields)
    .flatMap(callPieces)
    .filter(({ text }) => !known.has(text));
}

const callsIn = ({ tool_calls: calls, function_call: legacy }: Fields): Fields => ({
  ...(calls !== undefined && { tool_calls: calls }),
  ...(legacy !== undefined && { function_call: legacy }),
});

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isFields(value) ? [value] : [];
