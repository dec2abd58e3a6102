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

/** Part types that are dropped: reasoning, and protocol markers. */
const LEFT_OUT: ReadonlySet<string> = new Set([
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

/** `function_call`, `custom_tool_call`, `web_search_call`, `local_shell_call`. */
const CALL_ENDING = '_call';

const RESULTS: ReadonlySet<string> = new Set([
  'tool_response',
  'function_response',
  'function_result',
]);

/** `web_search_tool_result`, `computer_call_output`, `function_call_result`. */
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

/** The kind of a part, by its type. */
export function kindOf(type: string): PartKind {
  const folded = foldType(type);
  if (TEXT.has(folded)) return { kind: 'text' };
  if (LEFT_OUT.has(folded)) return { kind: 'left out' };
  const name = MEDIA_OF_TYPE.get(folded);
  if (name !== undefined) return { kind: 'media', name, mayBeText: ATTACHED.has(name) };
  if (CALLS.has(folded) || folded.endsWith(CALL_ENDING)) return { kind: 'call' };
  if (RESULTS.has(folded) || RESULT_ENDINGS.some((ending) => folded.endsWith(ending)))
    return { kind: 'result' };
  return { kind: 'unknown' };
}

/** The kind of file that a media type names: `image/png` is an image. */
export function mediaOf(mediaType: unknown): string | undefined {
  const [family = ''] = typeof mediaType === 'string' ? mediaType.toLowerCase().split('/') : [];
  return ['image', 'audio', 'video'].includes(family) ? family : undefined;
}

/** Short and without spaces: the name of a type is shown to people and models. */
const SAFE_TYPE = /^[a-z][a-z0-9_.:-]{0,47}$/i;

export const safeTypeName = (type: string): string => (SAFE_TYPE.test(type) ? type : 'part');

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

export type Role = 'user' | 'assistant' | 'system' | 'tool';

/** Names of roles in any API, each with this API's role. */
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
