import type { Call } from '../http/call.js';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../http/json.js';
import { contentText } from '../openai/read-chat.js';
import type { AskedPrompt } from '../wire.js';

/** Reads the prompt of a Messages body. */
export function readMessage(call: Call, model: string): AskedPrompt {
  const { fields } = call;
  const format = fieldsOf(fieldsOf(fields['output_config'])['format']);
  const tool = toolOf(fields);
  return {
    model,
    system: contentText(fields['system']),
    turns: listOf(fields['messages']).map((message) => {
      const { role, content } = fieldsOf(message);
      return { role: textOf(role) ?? '', text: contentText(content) };
    }),
    json:
      tool === undefined
        ? format['type'] === 'json_schema'
          ? { schema: format['schema'] }
          : undefined
        : { schema: tool.schema },
    tool: tool && { name: tool.name, forced: tool.forced },
    maxOutputTokens: numberOf(fields['max_tokens']),
    stops: listOf(fields['stop_sequences']).filter((stop) => typeof stop === 'string'),
    stream: fields['stream'] === true,
  };
}

/** The tool that the stand-in model calls: the named one, else the first, also for `auto`. */
function toolOf(fields: Fields) {
  const { type, name: named } = fieldsOf(fields['tool_choice']);
  if (type === 'none') return undefined;
  const tools = listOf(fields['tools']).map(fieldsOf);
  const tool = type === 'tool' ? tools.find((one) => one['name'] === named) : tools[0];
  if (tool === undefined) return undefined;
  const forced = type === 'tool' ? 'named' : type === 'any' ? 'any' : 'no';
  return { name: textOf(tool['name']) ?? '', schema: tool['input_schema'], forced } as const;
}
