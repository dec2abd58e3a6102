/** Any JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `tool-call`, `Tool_Call` and `tool_call` are one type. */
export const foldType = (type: string): string => type.trim().toLowerCase().replaceAll('-', '_');

const TEXT: ReadonlySet<string> = new Set([
  'text',
  'input_text',
  'output_text',
  'summary_text',
  'refusal',
]);

/** Parts that are no part of what was said: a model's thoughts, and marks of a protocol. */
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
  'tool_call',
  'tool_calls',
  'function_call',
  'custom_tool_call',
  'tool_invocation',
  'dynamic_tool',
  'mcp_call',
]);

const RESULTS: ReadonlySet<string> = new Set(['tool_response', 'function_response']);

/** `tool_result`, `web_search_tool_result`, `function_call_output`, `computer_call_output`. */
const RESULT_ENDINGS = ['tool_result', 'call_output'];

/** The names under which files of each kind come. */
const MEDIA: Readonly<Record<string, readonly string[]>> = {
  image: ['image', 'image_url', 'image_file', 'image_data', 'input_image', 'output_image'],
  audio: ['audio', 'audio_url', 'input_audio', 'output_audio'],
  video: ['video', 'video_url', 'input_video'],
  file: ['file', 'file_url', 'file_data', 'file_id', 'input_file', 'media', 'container_upload'],
  document: ['document', 'document_url', 'input_document'],
};

const MEDIA_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ...Object.entries(MEDIA).flatMap(([kind, types]) => types.map((type) => [type, kind] as const)),
  ['computer_screenshot', 'image'] as const,
]);

export type PartKind =
  | { readonly kind: 'text' | 'left out' | 'call' | 'result' | 'unknown' }
  | { readonly kind: 'media'; readonly name: string };

/** What a part of this type is. */
export function kindOf(type: string): PartKind {
  const folded = foldType(type);
  if (TEXT.has(folded)) return { kind: 'text' };
  if (LEFT_OUT.has(folded)) return { kind: 'left out' };
  if (CALLS.has(folded)) return { kind: 'call' };
  if (RESULTS.has(folded) || RESULT_ENDINGS.some((ending) => folded.endsWith(ending)))
    return { kind: 'result' };
  const name = MEDIA_OF_TYPE.get(folded);
  return name === undefined ? { kind: 'unknown' } : { kind: 'media', name };
}

/** The kind of file that a media type names: `image/png` is an image. */
export function mediaOf(mediaType: unknown): string | undefined {
  const [family = ''] = typeof mediaType === 'string' ? mediaType.toLowerCase().split('/') : [];
  return ['image', 'audio', 'video'].includes(family) ? family : undefined;
}

/** Short and without spaces: the name of a type is shown to people and models. */
const SAFE_TYPE = /^[a-z][a-z0-9_.:-]{0,47}$/i;

export const safeTypeName = (type: string): string => (SAFE_TYPE.test(type) ? type : 'part');
