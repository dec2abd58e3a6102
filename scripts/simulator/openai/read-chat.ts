import type { Call } from '../http/call.js';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../http/json.js';
import type { AskedPrompt, AskedTurn } from '../wire.js';

/** Reads the prompt of a Chat Completions body. */
export function readChat(call: Call, model: string): AskedPrompt {
  const { fields } = call;
  const turns = turnsOf(fields['messages']);
  const format = fieldsOf(fields['response_format']);
  const tool = toolOf(fields);
  return {
    model,
    system: turns
      .filter(isInstruction)
      .map(({ text }) => text)
      .join('\n\n'),
    turns: turns.filter((turn) => !isInstruction(turn)),
    json: tool === undefined ? jsonOf(format) : { schema: tool.schema },
    tool: tool && { name: tool.name, forced: tool.forced },
    maxOutputTokens: numberOf(fields['max_completion_tokens']) ?? numberOf(fields['max_tokens']),
    stops:
      typeof fields['stop'] === 'string' ? [fields['stop']] : listOf(fields['stop']).filter(isText),
    stream: fields['stream'] === true,
  };
}

export function turnsOf(messages: unknown): readonly AskedTurn[] {
  return listOf(messages).map((message) => {
    const { role, content } = fieldsOf(message);
    return { role: textOf(role) ?? '', text: contentText(content) };
  });
}

/** The text of a message's content, which is a string or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(fieldsOf(part)['text']) ?? '')
    .join('');
}

function isInstruction({ role }: AskedTurn): boolean {
  return role === 'system' || role === 'developer';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function jsonOf(format: Fields): AskedPrompt['json'] {
  if (format['type'] === 'json_schema')
    return { schema: fieldsOf(format['json_schema'])['schema'] };
  return format['type'] === 'json_object' ? {} : undefined;
}

/** The tool that the stand-in model calls: the named one, else the first, also for `auto`. */
function toolOf(fields: Fields) {
  const choice = fields['tool_choice'];
  if (choice === 'none') return undefined;
  const named = textOf(fieldsOf(fieldsOf(choice)['function'])['name']);
  const tools = listOf(fields['tools']).map((tool) => fieldsOf(fieldsOf(tool)['function']));
  const tool = named === undefined ? tools[0] : tools.find((one) => one['name'] === named);
  if (tool === undefined) return undefined;
  const forced = named === undefined ? (choice === 'required' ? 'any' : 'no') : 'named';
  return { name: textOf(tool['name']) ?? '', schema: tool['parameters'], forced } as const;
}
