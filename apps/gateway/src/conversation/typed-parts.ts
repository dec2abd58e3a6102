import { isPartOfToolMessage } from './known-parts.js';
import { type Fields, foldType, isFields } from './part-kinds.js';
import { roleNamed } from './roles.js';
import { jsonWithoutFiles } from './without-files.js';

/** Types of parts by the names that LlamaIndex, Pydantic AI and Semantic Kernel give them. */
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

/** Where these APIs name the type of a part. */
const TYPE_FIELDS = ['type', 'block_type', 'part_kind', 'content_type', '$type', 'kind'] as const;

/** Parts with a type of OpenAI's or Anthropic's in the field `type`. */
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

/** AutoGen's parts have no type: `{id, name, arguments}`, `{call_id, content}` and a picture's `{data}`. */
function untypedOf(part: Fields): Fields {
  if ('arguments' in part && 'name' in part) return { type: 'tool_call' };
  if ('call_id' in part && 'content' in part) return { type: 'tool_result' };
  return typeof part['data'] === 'string' ? { type: 'image' } : {};
}

/**
 * A tool's result may be any JSON. It becomes text, unless it is text or parts already.
 */
export function textParts(message: Fields): Fields {
  const { content } = message;
  if (content === undefined || content === null || typeof content === 'string') return message;
  if (isFields(content) && isPartOfToolMessage(content)) return message;
  if (!isOfTool(message)) return message;
  if (Array.isArray(content) && content.every(isPartOfToolMessage)) return message;
  const { content: inner } = isFields(content) ? content : {};
  // An MCP server's answer.
  if (Array.isArray(inner) && inner.length > 0 && inner.every(isPartOfToolMessage))
    return { ...message, content: inner };
  return { ...message, content: jsonWithoutFiles(content) };
}

/** Whether a message holds a tool's result, so that its content may be any JSON. */
export function isOfTool({ role, type }: Fields): boolean {
  const named = role ?? type;
  return typeof named === 'string' && roleNamed(named) === 'tool';
}
