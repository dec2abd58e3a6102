import { type Fields, foldType, isFields, kindOf, mediaOf, safeTypeName } from './part-kinds.js';
import { jsonWithoutFiles, withoutDataUrls, withoutFiles } from './without-files.js';

/** What one part of a message comes to in the text of its turn. */
export interface Piece {
  readonly text: string;
  /** False where the text only names a part that is no text, such as `[image]`. */
  readonly isText: boolean;
}

const said = (text: string): Piece => ({
  text: withoutDataUrls(text),
  isText: text.trim() !== '',
});
const named = (name: string): Piece => ({ text: `[${name}]`, isText: false });

export const joined = (pieces: readonly Piece[]): Piece => ({
  text: pieces
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n'),
  isText: pieces.some(({ isText }) => isText),
});

const firstGiven = (...values: readonly unknown[]): unknown =>
  values.find((value) => value !== undefined && value !== null);

const firstText = (...values: readonly unknown[]): string | undefined =>
  values.find((value) => typeof value === 'string');

/**
 * One part of a message, in any of the ways in which OpenAI, Anthropic, Gemini, Bedrock and the Vercel AI SDK write it.
 * Thoughts come to nothing, an empty list. Undefined: it is no part.
 */
export function piecesOf(part: unknown): readonly Piece[] | undefined {
  if (typeof part === 'string') return [said(part)];
  if (!isFields(part)) return undefined;
  const { type } = part;
  return typeof type === 'string' && type.trim() !== ''
    ? piecesOfType(type.trim(), part)
    : piecesOfUntyped(part);
}

function piecesOfType(type: string, part: Fields): readonly Piece[] | undefined {
  const found = kindOf(type);
  if (found.kind === 'media') return [mediaPiece(found.name, part)];
  if (found.kind === 'left out') return [];
  if (found.kind === 'call') return callPieces(part);
  if (found.kind === 'result') return [resultPiece(part)];
  if (found.kind === 'unknown') return toolOfSdk(type, part) ?? [named(safeTypeName(type))];
  const text = textOf(part);
  return text === undefined ? undefined : [said(text)];
}

/** Gemini and Bedrock name a part by the field that holds it. */
function piecesOfUntyped(part: Fields): readonly Piece[] | undefined {
  if (part['thought'] === true || isFields(part['reasoningContent'])) return [];
  if (typeof part['text'] === 'string') return [said(part['text'])];
  const call = firstGiven(part['functionCall'], part['function_call'], part['toolUse']);
  if (isFields(call)) return callPieces(call);
  const result = firstGiven(
    part['functionResponse'],
    part['function_response'],
    part['toolResult'],
  );
  if (isFields(result)) return [resultPiece(result)];
  const file = firstGiven(
    part['inlineData'],
    part['inline_data'],
    part['fileData'],
    part['file_data'],
  );
  if (isFields(file)) return [mediaPiece('file', file)];
  const media = ['image', 'audio', 'video', 'document'].find((kind) => isFields(part[kind]));
  if (media !== undefined) return [named(media)];
  return 'json' in part ? [said(jsonWithoutFiles(part['json']))] : undefined;
}

/** OpenAI's Assistants write `{text: {value}}`. */
function textOf(part: Fields): string | undefined {
  const { text, refusal, value, content } = part;
  const written = firstText(text, isFields(text) ? text['value'] : undefined, refusal);
  const other = written ?? firstText(value, content);
  return other ?? ('text' in part || 'refusal' in part ? '' : undefined);
}

function mediaPiece(kind: string, part: Fields): Piece {
  const { input_audio: input, audio, transcript } = part;
  const spoken = firstText(
    transcript,
    isFields(input) ? input['transcript'] : undefined,
    isFields(audio) ? audio['transcript'] : undefined,
  );
  if (kind === 'audio' && spoken !== undefined && spoken.trim() !== '') return said(spoken);
  const mediaType = firstText(part['mediaType'], part['mimeType'], part['mime_type']);
  return named(kind === 'file' ? (mediaOf(mediaType) ?? kind) : kind);
}

/** A call of a tool, and its result where the same part has that too. */
export function callPieces(call: Fields): readonly Piece[] {
  const { function: ofFunction, custom, toolInvocation } = call;
  const inner = [ofFunction, custom, toolInvocation].find(isFields) ?? call;
  const name = firstText(inner['name'], inner['toolName'], inner['tool_name']) ?? '';
  const given = firstGiven(inner['input'], inner['args'], inner['arguments'], inner['parameters']);
  const asked = said(`[tool call: ${toolName(name)}(${argumentsOf(given)})]`);
  const result = firstGiven(inner['output'], inner['result'], inner['errorText'], inner['error']);
  return result === undefined ? [asked] : [asked, resultPiece(inner)];
}

const MAX_TOOL_NAME_CHARACTERS = 128;

const toolName = (name: string): string =>
  Array.from(name.replace(/\s+/gu, ' ').trim()).slice(0, MAX_TOOL_NAME_CHARACTERS).join('') ||
  'unnamed';

/** OpenAI's arguments are JSON in a text. They stay as the model wrote them. */
function argumentsOf(given: unknown): string {
  if (given === undefined) return '';
  return typeof given === 'string' ? withoutFiles(given.trim()) : jsonWithoutFiles(given);
}

/** `tool-search`: a call in a message of the Vercel AI SDK's interface, whose type holds the tool's name. */
function toolOfSdk(type: string, part: Fields): readonly Piece[] | undefined {
  if (!foldType(type).startsWith('tool_') || part['toolCallId'] === undefined) return undefined;
  return callPieces({ ...part, toolName: type.slice('tool-'.length) });
}

function resultPiece(result: Fields): Piece {
  const { text, isText } = joined(valuePieces(valueOf(result)));
  if (text.trim() === '') return named('tool result');
  return { text: `[tool result: ${hasFailed(result) ? 'error: ' : ''}${text}]`, isText };
}

const valueOf = (result: Fields): unknown =>
  firstGiven(
    result['content'],
    result['output'],
    result['result'],
    result['response'],
    result['errorText'],
    result['error'],
  );

function hasFailed(result: Fields): boolean {
  const { is_error: ofAnthropic, isError, status, state, output, error, errorText } = result;
  const type = isFields(output) ? output['type'] : undefined;
  return (
    ofAnthropic === true ||
    isError === true ||
    status === 'error' ||
    state === 'output-error' ||
    firstGiven(error, errorText) !== undefined ||
    (typeof type === 'string' && type.startsWith('error'))
  );
}

/** What a tool has answered: a text, parts, or any JSON. */
function valuePieces(value: unknown): readonly Piece[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [toolText(value)];
  const list = listOf(value);
  const parts =
    list?.every(isKnownPart) === true ? list.flatMap((part) => piecesOf(part) ?? []) : undefined;
  if (parts) return parts.map(({ text, isText }) => ({ text: withoutFiles(text), isText }));
  const inner = isFields(value) ? innerValue(value) : undefined;
  return inner === undefined ? [toolText(jsonWithoutFiles(value))] : valuePieces(inner);
}

const toolText = (text: string): Piece => ({
  text: withoutFiles(text),
  isText: text.trim() !== '',
});

/** A list of parts; one part alone; the answer of an MCP server, which is an object with such a list. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) return undefined;
  if (isKnownPart(value)) return [value];
  return Array.isArray(value['content']) ? value['content'] : undefined;
}

/** The Vercel AI SDK wraps what a tool has answered: `{type: 'json', value}`. */
function innerValue({ type, value, reason }: Fields): unknown {
  if (typeof type !== 'string') return undefined;
  const folded = foldType(type);
  if (['json', 'error_json', 'error_text', 'content'].includes(folded)) return value;
  return folded === 'execution_denied' ? (reason ?? 'denied') : undefined;
}

function isKnownPart(part: unknown): boolean {
  if (typeof part === 'string') return true;
  if (!isFields(part)) return false;
  const { type } = part;
  if (typeof type !== 'string') return piecesOfUntyped(part) !== undefined;
  const { kind } = kindOf(type);
  return kind === 'text' ? textOf(part) !== undefined : kind !== 'unknown';
}
