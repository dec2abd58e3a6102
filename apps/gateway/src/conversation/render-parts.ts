import { attachedText } from './document-text.js';
import {
  type Fields,
  foldType,
  isFields,
  isPartInResult,
  kindOf,
  mediaOf,
  safeTypeName,
} from './part-kinds.js';
import { jsonWithoutFiles, withoutPastedFiles, withoutFiles } from './without-files.js';

/** The text of one message part in the rendered turn. */
export interface Piece {
  readonly text: string;
  /** False if the text only names a part without text, such as `[image]`. */
  readonly isText: boolean;
}

const textPiece = (text: string): Piece => ({
  text: withoutPastedFiles(text),
  isText: text.trim() !== '',
});
const placeholderPiece = (name: string): Piece => ({ text: `[${name}]`, isText: false });

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
 * Renders one message part in the format of OpenAI, Anthropic, Gemini, Bedrock or the Vercel AI SDK.
 * @returns an empty list for a part that is dropped, such as reasoning; undefined for a value that is not a valid part.
 */
export function piecesOf(part: unknown): readonly Piece[] | undefined {
  if (typeof part === 'string') return [textPiece(part)];
  if (!isFields(part)) return undefined;
  const { type } = part;
  return typeof type === 'string' && type.trim() !== ''
    ? piecesOfType(type.trim(), part)
    : piecesOfUntyped(part);
}

function piecesOfType(type: string, part: Fields): readonly Piece[] | undefined {
  const found = kindOf(type);
  if (found.kind === 'media')
    return [
      (found.mayBeText ? attachedPiece(found.name, part) : undefined) ??
        mediaPiece(found.name, part),
    ];
  if (found.kind === 'left out') return [];
  if (found.kind === 'call') return callPieces(part);
  if (found.kind === 'result') return [resultPiece(part)];
  if (found.kind === 'unknown')
    return sdkToolPieces(type, part) ?? [placeholderPiece(safeTypeName(type))];
  const text = textOf(part);
  return text === undefined ? undefined : [textPiece(text)];
}

/** Bedrock's reasoning and its cache markers. */
const LEFT_OUT_FIELDS = ['reasoningContent', 'cachePoint'] as const;

/** Renders a part of Gemini or Bedrock, whose kind is the name of its only field. */
function piecesOfUntyped(part: Fields): readonly Piece[] | undefined {
  if (part['thought'] === true || LEFT_OUT_FIELDS.some((name) => isFields(part[name]))) return [];
  if (typeof part['text'] === 'string') return [textPiece(part['text'])];
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
  const { document, searchResult } = part;
  if (isFields(document))
    return [attachedPiece('document', document) ?? placeholderPiece('document')];
  if (isFields(searchResult))
    return [attachedPiece('search_result', searchResult) ?? placeholderPiece('search_result')];
  const media = ['image', 'audio', 'video'].find((kind) => isFields(part[kind]));
  if (media !== undefined) return [placeholderPiece(media)];
  const wrapped = wrappedPieces(part);
  if (wrapped) return wrapped;
  return 'json' in part ? [textPiece(jsonWithoutFiles(part['json']))] : undefined;
}

/** Renders Gemini's code and its output, Bedrock's guarded text, and Bedrock's text with citations. */
function wrappedPieces(part: Fields): readonly Piece[] | undefined {
  const code = firstGiven(part['executableCode'], part['executable_code']);
  if (isFields(code)) return callPieces({ name: 'code_execution', input: code['code'] });
  const ran = firstGiven(part['codeExecutionResult'], part['code_execution_result']);
  if (isFields(ran)) return [resultPiece({ content: ran['output'] })];
  const { guardContent: guarded, citationsContent: cited } = part;
  if (isFields(guarded)) return isFields(guarded['text']) ? piecesOf(guarded['text']) : [];
  const texts = isFields(cited) && Array.isArray(cited['content']) ? cited['content'] : undefined;
  return texts?.flatMap((text: unknown) => piecesOf(text) ?? []);
}

/** The text of a text part. OpenAI's Assistants write `{text: {value}}`. */
function textOf(part: Fields): string | undefined {
  const { text, refusal, value, content } = part;
  const written = firstText(text, isFields(text) ? text['value'] : undefined, refusal);
  const other =
    written ?? firstText(value, content) ?? (typeof text === 'number' ? `${text}` : undefined);
  return other ?? ('text' in part || 'refusal' in part ? '' : undefined);
}

/** Renders a document, search result or resource that was sent as text. */
function attachedPiece(name: string, part: Fields): Piece | undefined {
  const found = attachedText(part);
  if (!found) return undefined;
  const lines = [found.title, found.text].filter((line) => line !== undefined);
  return textPiece(`[${name}: ${withoutFiles(lines.join('\n'))}]`);
}

function mediaPiece(kind: string, part: Fields): Piece {
  const { input_audio: input, audio, transcript } = part;
  const spoken = firstText(
    transcript,
    isFields(input) ? input['transcript'] : undefined,
    isFields(audio) ? audio['transcript'] : undefined,
  );
  if (kind === 'audio' && spoken !== undefined && spoken.trim() !== '') return textPiece(spoken);
  const mediaType = firstText(part['mediaType'], part['mimeType'], part['mime_type']);
  return placeholderPiece(kind === 'file' ? (mediaOf(mediaType) ?? kind) : kind);
}

/** Fields that contain a call's arguments in any API. */
const ARGUMENTS = [
  'input',
  'args',
  'arguments',
  'parameters',
  'tool_kwargs',
  'action',
  'queries',
  'code',
  'operation',
] as const;
const RESULTS_OF_CALL = ['output', 'result', 'results', 'outputs', 'errorText', 'error'] as const;

/** The tool's name in a type such as `web_search_call`: calls of OpenAI's own tools have no `name`. */
const toolOfType = (type: unknown): string =>
  typeof type === 'string' ? (/^(.*)_call$/.exec(foldType(type))?.[1] ?? '') : '';

/** Renders a tool call, and its result if the same part has one. */
export function callPieces(call: Fields): readonly Piece[] {
  const { function: ofFunction, custom, toolInvocation } = call;
  const inner = [ofFunction, custom, toolInvocation].find(isFields) ?? call;
  const name =
    firstText(inner['name'], inner['toolName'], inner['tool_name']) ?? toolOfType(inner['type']);
  const given = firstGiven(...ARGUMENTS.map((field) => inner[field]));
  const result = firstGiven(...RESULTS_OF_CALL.map((field) => inner[field]));
  const isNamed = typeof (inner['name'] ?? inner['toolName'] ?? inner['tool_name']) === 'string';
  if (!isNamed && name !== '' && firstGiven(given, result) === undefined)
    return [placeholderPiece(safeTypeName(`${name}_call`))];
  const asked = textPiece(`[tool call: ${toolName(name)}(${argumentsOf(given)})]`);
  return result === undefined ? [asked] : [asked, resultPiece(inner)];
}

const MAX_TOOL_NAME_CHARACTERS = 128;

const toolName = (name: string): string =>
  Array.from(name.replace(/\s+/gu, ' ').trim()).slice(0, MAX_TOOL_NAME_CHARACTERS).join('') ||
  'unnamed';

/** OpenAI sends arguments as a string of JSON. It is kept as the model wrote it. */
function argumentsOf(given: unknown): string {
  if (given === undefined) return '';
  return typeof given === 'string' ? withoutFiles(given.trim()) : jsonWithoutFiles(given);
}

/** Renders a call in a UI message of the Vercel AI SDK: the type `tool-search` contains the tool's name. */
function sdkToolPieces(type: string, part: Fields): readonly Piece[] | undefined {
  const folded = foldType(type);
  if (!folded.startsWith('tool_') || folded.startsWith('tool_approval')) return undefined;
  if (part['toolCallId'] === undefined) return undefined;
  return callPieces({ ...part, toolName: type.slice('tool-'.length) });
}

function resultPiece(result: Fields): Piece {
  const { text, isText } = joined(valuePieces(valueOf(result)));
  if (text.trim() === '') return placeholderPiece('tool result');
  return { text: `[tool result: ${hasFailed(result) ? 'error: ' : ''}${text}]`, isText };
}

const valueOf = (result: Fields): unknown =>
  firstGiven(
    result['content'],
    result['output'],
    result['result'],
    result['response'],
    result['results'],
    result['outputs'],
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

/** Renders the value of a tool's result: a text, parts, or any JSON. */
function valuePieces(value: unknown): readonly Piece[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [toolText(value)];
  const list = listOf(value);
  const parts =
    list?.every(isPartInResult) === true ? list.flatMap((part) => piecesOf(part) ?? []) : undefined;
  if (parts) return parts.map(({ text, isText }) => ({ text: withoutFiles(text), isText }));
  const inner = isFields(value) ? innerValue(value) : undefined;
  return inner === undefined ? [toolText(jsonWithoutFiles(value))] : valuePieces(inner);
}

const toolText = (text: string): Piece => ({
  text: withoutFiles(text),
  isText: text.trim() !== '',
});

/** The parts in a value: a list of parts, a single part, or an MCP server's result, which is an object with a list of parts. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) return undefined;
  if (isPartInResult(value)) return [value];
  const { content } = value;
  return Array.isArray(content) && content.length > 0 ? content : undefined;
}

/** The value inside a tool result of the Vercel AI SDK, as in `{type: 'json', value}`. */
function innerValue({ type, value, reason }: Fields): unknown {
  if (typeof type !== 'string') return undefined;
  const folded = foldType(type);
  if (['json', 'error_json', 'error_text', 'content'].includes(folded)) return value;
  return folded === 'execution_denied' ? (reason ?? 'denied') : undefined;
}
