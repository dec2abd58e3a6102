/** Any JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `tool-call`, `Tool_Call`, `tool.call` and `tool_call` are one type. */
export const foldType = (type: string): string =>
  type.trim().toLowerCase().replaceAll(/[-.]/g, '_');

const TEXT: ReadonlySet<string> = new Set([
  'text',
  'input_text',
  'output_text',
  'summary_text',
  'refusal',
]);

/** Part types that are dropped: reasoning and protocol markers. */
const DROPPED_TYPES: ReadonlySet<string> = new Set([
  'thinking',
  'redacted_thinking',
  'reasoning',
  'redacted_reasoning',
  'reasoning_text',
  'reasoning_content',
  'step_start',
  'cache_point',
]);

const CALLS: ReadonlySet<string> = new Set([
  'tool_use',
  'server_tool_use',
  'mcp_tool_use',
  'tool_calls',
  'tool_invocation',
  'tool_execution',
  'dynamic_tool',
]);

/** As in `function_call`, `custom_tool_call`, `web_search_call` and `local_shell_call`. */
const CALL_ENDING = '_call';

const RESULTS: ReadonlySet<string> = new Set([
  'tool_response',
  'function_response',
  'function_result',
]);

/** As in `web_search_tool_result`, `computer_call_output` and `function_call_result`. */
const RESULT_ENDINGS = ['tool_result', 'call_output', 'call_result'];

/** Part types of each kind of file. */
const MEDIA: Readonly<Record<string, readonly string[]>> = {
  image: [
    'image',
    'image_url',
    'image_file',
    'image_data',
    'input_image',
    'output_image',
    'computer_screenshot',
    'image_generation_call',
  ],
  audio: ['audio', 'audio_url', 'input_audio', 'output_audio'],
  video: ['video', 'video_url', 'input_video'],
  file: ['file', 'file_url', 'file_data', 'file_id', 'input_file', 'media', 'container_upload'],
  document: ['document', 'document_url', 'input_document', 'text_plain'],
  search_result: ['search_result'],
  resource: ['resource'],
};

/** Kinds of file that may be sent as text. */
const ATTACHED: ReadonlySet<string> = new Set(['document', 'search_result', 'resource']);

const MEDIA_OF_TYPE: ReadonlyMap<string, string> = new Map(
  Object.entries(MEDIA).flatMap(([kind, types]) => types.map((type) => [type, kind] as const)),
);

type PartKind =
  | { readonly kind: 'text' | 'left out' | 'call' | 'result' | 'unknown' }
  | { readonly kind: 'media'; readonly name: string; readonly mayBeText: boolean };

/** The kind of a part of this type. */
export function kindOf(type: string): PartKind {
  const folded = foldType(type);
  if (TEXT.has(folded)) return { kind: 'text' };
  if (DROPPED_TYPES.has(folded)) return { kind: 'left out' };
  const name = MEDIA_OF_TYPE.get(folded);
  if (name !== undefined) return { kind: 'media', name, mayBeText: ATTACHED.has(name) };
  if (CALLS.has(folded) || folded.endsWith(CALL_ENDING)) return { kind: 'call' };
  if (RESULTS.has(folded) || RESULT_ENDINGS.some((ending) => folded.endsWith(ending)))
    return { kind: 'result' };
  return { kind: 'unknown' };
}

/** The kind of file of a media type: `image` for `image/png`. */
export function mediaOf(mediaType: unknown): string | undefined {
  const [family = ''] = typeof mediaType === 'string' ? mediaType.toLowerCase().split('/') : [];
  return ['image', 'audio', 'video'].includes(family) ? family : undefined;
}

/** Short and without spaces: the rendered text quotes the name, and people and models read that text. */
const SAFE_TYPE = /^[a-z][a-z0-9_.:-]{0,47}$/i;

export const safeTypeName = (type: string): string => (SAFE_TYPE.test(type) ? type : 'part');

/** Fields that contain the file of a part in any API. A `type` of `file` is not enough: other JSON has it too, such as a folder listing. */
const FILE_FIELDS = new Set(
  (
    'source data url uri blob base64 image image_url image_file file file_id file_data file_url fileData ' +
    'fileId document document_url resource text content audio input_audio transcript video video_url ' +
    'inlineData inline_data mimeType mediaType mime_type filename result'
  ).split(' '),
);
/** Gemini's and Bedrock's parts have no type, but exactly one of these fields. */
const UNTYPED = new Set(
  (
    'text json inlineData inline_data fileData file_data image audio video document searchResult ' +
    'functionCall function_call functionResponse function_response toolUse toolResult reasoningContent ' +
    'cachePoint guardContent citationsContent executableCode codeExecutionResult'
  ).split(' '),
);
const TEXT_FIELDS = ['text', 'refusal', 'value', 'content'] as const;
const BESIDE_UNTYPED = new Set(['thought', 'thoughtSignature', 'thought_signature']);

/** Whether a value in a tool's result is a message part rather than the tool's own JSON. */
export function isPartInResult(value: unknown): boolean {
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

/** Whether a value is a message part that the content of a tool's message may contain. */
export function isPartInToolMessage(value: unknown): boolean {
  if (isPartInResult(value)) return true;
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

export type Role = 'user' | 'assistant' | 'system' | 'tool';

/** This API's role for each role name of any API. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
  ['chatbot', 'assistant'],
  ['gpt', 'assistant'],
  ['bot', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['ipython', 'tool'],
  ['observation', 'tool'],
]);

export const roleNamed = (name: string): Role | undefined => ROLES.get(foldType(name));
