import { attachedText } from './document-text.js';
import {
  type Fields,
  foldType,
  isFields,
  isPartOfAnswer,
  kindOf,
  mediaOf,
  safeTypeName,
} from './part-kinds.js';
import { jsonWithoutFiles, withoutPastedFiles, withoutFiles } from './without-files.js';

/** The text of one message part, as it appears in the turn. */
export interface Piece {
  readonly text: string;
  /** False where the text only names a part that is no text, such as `[image]`. */
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
 * One part of a message, in any of the ways in which OpenAI, Anthropic, Gemini, Bedrock and the Vercel AI SDK write it.
 * Reasoning parts give an empty list. Undefined: the value is not a valid part.
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
    return toolOfSdk(type, part) ?? [placeholderPiece(safeTypeName(type))];
  const text = textOf(part);
  return text === undefined ? undefined : [textPiece(text)];
}

/** Of Bedrock: thoughts, and a mark for its cache. */
const LEFT_OUT_FIELDS = ['reasoningContent', 'cachePoint'] as const;

/** Gemini and Bedrock name a part by the field that holds it. */
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

/** Gemini's code and what it printed; Bedrock's guarded text, and its text with citations. */
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

/** OpenAI's Assistants write `{text: {value}}`. */
function textOf(part: Fields): string | undefined {
  const { text, refusal, value, content } = part;
  const written = firstText(text, isFields(text) ? text['value'] : undefined, refusal);
  const other =
    written ?? firstText(value, content) ?? (typeof text === 'number' ? `${text}` : undefined);
  return other ?? ('text' in part || 'refusal' in part ? '' : undefined);
}

/** A document, search result or resource that was sent as text. */
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

/** Fields that hold a call's arguments in any API. */
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

/** OpenAI's own tools have no name but their type: `web_search_call`. */
const toolOfType = (type: unknown): string =>
  typeof type === 'string' ? (/^(.*)_call$/.exec(foldType(type))?.[1] ?? '') : '';

/** A call of a tool, and its result where the same part has that too. */
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

/** OpenAI's arguments are JSON in a text. They stay as the model wrote them. */
function argumentsOf(given: unknown): string {
  if (given === undefined) return '';
  return typeof given === 'string' ? withoutFiles(given.trim()) : jsonWithoutFiles(given);
}

/** `tool-search`: a call in a message of the Vercel AI SDK's interface, whose type holds the tool's name. */
function toolOfSdk(type: string, part: Fields): readonly Piece[] | undefined {
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

/** The text of a tool's result: a text, parts, or any JSON. */
function valuePieces(value: unknown): readonly Piece[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [toolText(value)];
  const list = listOf(value);
  const parts =
    list?.every(isPartOfAnswer) === true ? list.flatMap((part) => piecesOf(part) ?? []) : undefined;
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
  if (isPartOfAnswer(value)) return [value];
  const { content } = value;
  return Array.isArray(content) && content.length > 0 ? content : undefined;
}

/** The Vercel AI SDK wraps what a tool has answered: `{type: 'json', value}`. */
function innerValue({ type, value, reason }: Fields): unknown {
  if (typeof type !== 'string') return undefined;
  const folded = foldType(type);
  if (['json', 'error_json', 'error_text', 'content'].includes(folded)) return value;
  return folded === 'execution_denied' ? (reason ?? 'denied') : undefined;
}
