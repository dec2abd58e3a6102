import { type Fields, isFields, kindOf } from './part-kinds.js';

/** Fields that hold the file of a part in any API. Other JSON may have a `type` of `file` too, such as an entry of a folder. */
const FILE_FIELDS = new Set(
  (
    'source data url uri blob base64 image image_url image_file file file_id file_data file_url fileData ' +
    'fileId document document_url resource text content audio input_audio transcript video video_url ' +
    'inlineData inline_data mimeType mediaType mime_type filename result'
  ).split(' '),
);
/** Fields of Gemini's and Bedrock's parts: each part has exactly one of them, in place of a type. */
const UNTYPED = new Set(
  (
    'text json inlineData inline_data fileData file_data image audio video document searchResult ' +
    'functionCall function_call functionResponse function_response toolUse toolResult reasoningContent ' +
    'cachePoint guardContent citationsContent executableCode codeExecutionResult'
  ).split(' '),
);
const TEXT_FIELDS = ['text', 'refusal', 'value', 'content'] as const;
const BESIDE_UNTYPED = new Set(['thought', 'thoughtSignature', 'thought_signature']);

/** Whether a value in a tool's result is a message part, and not the tool's own JSON. */
export function isPartOfAnswer(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (!isFields(value)) return false;
  const { type } = value;
  if (typeof type !== 'string') return isUntypedPart(value);
  const { kind } = kindOf(type);
  if (kind === 'text')
    return TEXT_FIELDS.some((name) => typeof value[name] === 'string') || isFields(value['text']);
  if (kind === 'media') return hasFile(value);
  return kind === 'left out';
}

/** Whether it is a part that may stand in the content of a tool's message. */
export function isPartOfToolMessage(value: unknown): boolean {
  if (isPartOfAnswer(value)) return true;
  if (!isFields(value) || typeof value['type'] !== 'string') return false;
  return ['call', 'result'].includes(kindOf(value['type']).kind);
}

const hasFile = (part: Fields): boolean => {
  const names = Object.keys(part);
  return names.length === 1 || names.some((name) => FILE_FIELDS.has(name));
};

function isUntypedPart(value: Fields): boolean {
  const names = Object.keys(value).filter((name) => !BESIDE_UNTYPED.has(name));
  const [name = '', ...more] = names;
  if (more.length > 0 || !UNTYPED.has(name)) return false;
  return name === 'text'
    ? typeof value['text'] === 'string'
    : name === 'json' || isFields(value[name]);
}
