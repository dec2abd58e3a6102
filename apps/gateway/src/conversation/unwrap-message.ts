import { type Fields, foldType, isFields, isPartInToolMessage, roleNamed } from './part-kinds.js';
import { jsonWithoutFiles } from './without-files.js';

/** Converts a message of one API to OpenAI's fields. Undefined: the message comes from another API. */
type Unwrap = (message: Fields) => Fields | undefined;

const hasContent = ({ content }: Fields): boolean =>
  content !== undefined && content !== null && content !== '';

/** LangChain's serialised objects: `{lc: 1, id: ['langchain_core', 'messages', 'HumanMessage'], kwargs: {…}}`. */
const fromConstructor: Unwrap = ({ lc, id, kwargs, at }) =>
  lc !== undefined && isFields(kwargs)
    ? { at, ...kwargs, type: Array.isArray(id) ? id.at(-1) : kwargs['type'] }
    : undefined;

/** LangChain's dictionaries: `{type: 'human', data: {content}}`. */
const fromDictionary: Unwrap = ({ type, data, at }) =>
  typeof type === 'string' && isFields(data) && 'content' in data
    ? { at, ...data, type: data['type'] ?? type }
    : undefined;

/** Semantic Kernel: `{Role: {Label: 'user'}, Items: [{$type: 'TextContent', Text}]}`, or the same in lower case. */
const fromItems: Unwrap = (message) => {
  const { items, role, authorName, ...rest } = 'Items' in message ? inSmall(message) : message;
  if (!Array.isArray(items) || hasContent(rest)) return undefined;
  return {
    ...rest,
    name: rest['name'] ?? authorName,
    role: isFields(role) ? inSmall(role)['label'] : role,
    content: typedParts(items),
  };
};

const inSmall = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.slice(0, 1).toLowerCase() + name.slice(1),
      value,
    ]),
  );

/** LlamaIndex: `{role, blocks: [{block_type: 'text', text}]}`. */
const fromBlocks: Unwrap = ({ blocks, ...rest }) =>
  Array.isArray(blocks) && !hasContent(rest) ? { ...rest, content: typedParts(blocks) } : undefined;

/** Pydantic AI: `{kind: 'request', parts: [{part_kind: 'user-prompt', content}]}`. One message may hold several roles. */
const fromPydantic: Unwrap = ({ parts, kind, at }) => {
  if (!Array.isArray(parts) || !parts.some((part) => isFields(part) && 'part_kind' in part))
    return undefined;
  const kinds = new Set(parts.map((part) => (isFields(part) ? part['part_kind'] : undefined)));
  const asked = kinds.has('user-prompt') ? 'user' : kinds.has('system-prompt') ? 'system' : 'tool';
  return {
    at,
    role: kind === 'response' ? 'assistant' : asked,
    content: typedParts(parts),
  };
};

/** Gemini allows a single part without a list, and a first message without a role. */
const fromGemini: Unwrap = ({ parts, role, type, ...rest }) => {
  const given = isFields(parts) ? [parts] : parts;
  if (!Array.isArray(given) || type !== undefined || rest['content'] !== undefined)
    return undefined;
  return { ...rest, parts: given, role: role ?? 'user' };
};

/** Version 1 of Cohere's API: `{role: 'CHATBOT', message}` and `{role: 'TOOL', tool_results}`. */
const fromCohere: Unwrap = ({ message, tool_results: results, ...rest }) => {
  if (rest['content'] !== undefined) return undefined;
  if (typeof message === 'string') return { ...rest, content: message };
  if (!Array.isArray(results)) return undefined;
  const content = results.map((result: unknown) => ({
    type: 'tool_result',
    content: isFields(result) ? (result['outputs'] ?? result) : result,
  }));
  return { ...rest, content };
};

/** ShareGPT: `{from: 'human', value}`. */
const fromShareGpt: Unwrap = ({ from, value, at }) =>
  typeof from === 'string' && typeof value === 'string'
    ? { at, role: from, content: value }
    : undefined;

const ROLES_OF_LETTA: Readonly<Record<string, string>> = {
  user_message: 'user',
  assistant_message: 'assistant',
  system_message: 'system',
  reasoning_message: 'assistant',
  hidden_reasoning_message: 'assistant',
  tool_call_message: 'assistant',
  tool_return_message: 'tool',
};

/** Letta: `{message_type: 'user_message', content}`. */
const fromLetta: Unwrap = ({ message_type: type, content, tool_call, tool_return, at, name }) => {
  const role = typeof type === 'string' ? ROLES_OF_LETTA[type] : undefined;
  if (role === undefined) return undefined;
  const calls = isFields(tool_call) ? { tool_calls: [tool_call] } : {};
  return { at, name, role, content: content ?? tool_return ?? null, ...calls };
};

/** AutoGen: `{source: 'user', type: 'TextMessage', content}`. The source `user` is a role; any other source is the name of an assistant. */
const fromAutoGen: Unwrap = ({ source, type, role, content, ...rest }) => {
  if (typeof source !== 'string' || typeof type !== 'string' || role !== undefined)
    return undefined;
  if (!/(?:Message|Event)$/.test(type)) return undefined;
  return {
    ...rest,
    name: source,
    role: roleOfClass(type) ?? (foldType(source) === 'user' ? 'user' : 'assistant'),
    content:
      type === 'ThoughtEvent' ? null : Array.isArray(content) ? typedParts(content) : content,
  };
};

/** The roles of LangChain's and AutoGen's message classes, by the class name without `Message`. */
const ROLES_OF_CLASSES: Readonly<Record<string, string>> = {
  Human: 'user',
  User: 'user',
  AI: 'assistant',
  Assistant: 'assistant',
  System: 'system',
  Tool: 'tool',
  Function: 'tool',
  FunctionExecutionResult: 'tool',
  ToolCallExecution: 'tool',
};

const roleOfClass = (type: string): string | undefined => {
  const name = type.replace(/(?:Message(?:Chunk)?|Event)$/, '');
  return Object.hasOwn(ROLES_OF_CLASSES, name) && name !== type
    ? ROLES_OF_CLASSES[name]
    : undefined;
};

/** A message whose class name implies its role: `{type: 'AIMessageChunk', content}`. */
const fromClass: Unwrap = ({ type, role, ...rest }) => {
  if (typeof type !== 'string' || role !== undefined) return undefined;
  const ofClass = roleOfClass(type);
  if (ofClass === undefined) return undefined;
  const { content } = rest;
  return {
    ...rest,
    role: ofClass,
    ...(Array.isArray(content) && { content: typedParts(content) }),
  };
};

const ENVELOPES: readonly Unwrap[] = [fromConstructor, fromDictionary];
const FORMS: readonly Unwrap[] = [
  fromItems,
  fromBlocks,
  fromPydantic,
  fromGemini,
  fromCohere,
  fromShareGpt,
  fromLetta,
  fromAutoGen,
  fromClass,
];

const firstOf = (forms: readonly Unwrap[], message: Fields): Fields => {
  for (const form of forms) {
    const found = form(message);
    if (found) return found;
  }
  return message;
};

const unwrapped = (message: Fields): Fields => firstOf(FORMS, firstOf(ENVELOPES, message));

/** Whether `unwrapMessage` converts this message. */
export const isWrapped = (message: Fields): boolean => unwrapped(message) !== message;

/** Converts a message of another API to the fields of OpenAI or Anthropic. Any other value is returned unchanged. */
export const unwrapMessage = (sent: unknown): unknown =>
  isFields(sent) ? textParts(unwrapped(sent)) : sent;

/** OpenAI's or Anthropic's part types for those of LlamaIndex, Pydantic AI and Semantic Kernel. */
const TYPES: Readonly<Record<string, string>> = {
  system_prompt: 'text',
  user_prompt: 'text',
  tool_return: 'tool_result',
  builtin_tool_call: 'tool_call',
  builtin_tool_return: 'tool_result',
  retry_prompt: 'tool_result',
  binary: 'file',
  textcontent: 'text',
  imagecontent: 'image',
  audiocontent: 'audio',
  functioncallcontent: 'function_call',
  functionresultcontent: 'function_result',
};

/** Fields in which these APIs name the type of a part. */
const TYPE_FIELDS = ['type', 'block_type', 'part_kind', 'content_type', '$type', 'kind'] as const;

/** Converts parts so that each has one of OpenAI's or Anthropic's types in its field `type`. */
export const typedParts = (parts: readonly unknown[]): readonly unknown[] =>
  parts.flatMap(typedPart);

function typedPart(part: unknown): readonly unknown[] {
  if (!isFields(part)) return [part];
  const named = TYPE_FIELDS.map((field) => part[field]).find((type) => typeof type === 'string');
  if (typeof named !== 'string') return [{ ...part, ...untypedOf(part) }];
  const folded = foldType(named);
  const type = Object.hasOwn(TYPES, folded) ? TYPES[folded] : named;
  const { content, Text: text = part['text'] } = part;
  if (type !== 'text') return [{ ...part, type }];
  return Array.isArray(content) ? typedParts(content) : [{ type, text: text ?? content }];
}

/** Adds a type to a part of AutoGen: `{id, name, arguments}`, `{call_id, content}`, or `{data}` for an image. */
function untypedOf(part: Fields): Fields {
  if ('arguments' in part && 'name' in part) return { type: 'tool_call' };
  if ('call_id' in part && 'content' in part) return { type: 'tool_result' };
  return typeof part['data'] === 'string' ? { type: 'image' } : {};
}

/** Converts a tool's result, which may be any JSON, to text. A text or a list of parts stays as it is. */
export function textParts(message: Fields): Fields {
  const { content } = message;
  if (content === undefined || content === null || typeof content === 'string') return message;
  if (isFields(content) && isPartInToolMessage(content)) return message;
  if (!isToolMessage(message)) return message;
  if (Array.isArray(content) && content.every(isPartInToolMessage)) return message;
  const { content: inner } = isFields(content) ? content : {};
  // The result of an MCP server.
  if (Array.isArray(inner) && inner.length > 0 && inner.every(isPartInToolMessage))
    return { ...message, content: inner };
  return { ...message, content: jsonWithoutFiles(content) };
}

/** Whether a message contains a tool's result: its content may then be any JSON. */
export function isToolMessage({ role, type }: Fields): boolean {
  const named = role ?? type;
  return typeof named === 'string' && roleNamed(named) === 'tool';
}
