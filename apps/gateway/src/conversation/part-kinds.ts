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
