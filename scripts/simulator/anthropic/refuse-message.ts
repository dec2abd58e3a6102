import type { Call } from '../http/call.js';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../http/json.js';
import { childrenOf } from '../openai/strict-schema.js';
import { inputTokensOf } from '../tokens.js';
import type { Failure } from '../wire.js';
import { anthropicError, anthropicFailure, anthropicRefusal } from './anthropic-failures.js';
import { readMessage } from './read-message.js';

/** Opus 4.7 and later, and all models of generation five, refuse sampling parameters and a thinking budget. */
const WITHOUT_SAMPLING = /^claude-(?:opus-(?:4-[7-9]|[5-9])|(?:sonnet|haiku)-[5-9]|fable|mythos)/;
const WITHOUT_FORCED_TOOL = /^claude-(?:fable|mythos)/;
/** The names of Sonnet 4 and Opus 4 have a date in place of a minor version: `claude-opus-4-20250514`. */
const WITHOUT_FORMAT =
  /^claude-(?:2|instant|3|(?:opus|sonnet|haiku)-4(?:-20\d{6}|-0)?$|sonnet-4-1)/;
const CONTEXT_TOKENS = 200_000;

/** The refusal of a Messages body. The checks have the order of the real API. */
export function refuseMessage(call: Call, model: string): Failure | undefined {
  if (call.body === undefined) return anthropicRefusal('The request body is not valid JSON.');
  const fault =
    messagesFault(call.fields) ??
    parameterFault(call.fields, model) ??
    formatFault(call.fields, model);
  return fault === undefined ? refuseLength(call, model) : anthropicRefusal(fault);
}

function messagesFault(fields: Fields): string | undefined {
  const { messages } = fields;
  if (numberOf(fields['max_tokens']) === undefined) return 'max_tokens: Field required';
  if (messages === undefined) return 'messages: Field required';
  if (listOf(messages).length === 0) return 'messages: at least one message is required';
  for (const [index, message] of listOf(messages).entries()) {
    const { role, content } = fieldsOf(message);
    if (role !== 'user' && role !== 'assistant') {
      return `messages.${index}.role: Input should be 'user' or 'assistant'`;
    }
    if (content === '' || (Array.isArray(content) && content.length === 0)) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
  }
  return undefined;
}

function parameterFault(fields: Fields, model: string): string | undefined {
  const thinking = textOf(fieldsOf(fields['thinking'])['type']);
  const choice = textOf(fieldsOf(fields['tool_choice'])['type']);
  const forced = choice === 'tool' || choice === 'any';
  if (WITHOUT_SAMPLING.test(model)) {
    const sampling = ['temperature', 'top_p', 'top_k'].find((name) => fields[name] !== undefined);
    if (sampling !== undefined) return `\`${sampling}\` is deprecated for this model.`;
    if (thinking === 'enabled')
      return '`thinking.type.enabled` is not supported for this model. Use `thinking.type.adaptive`.';
  }
  if (forced && (thinking === 'enabled' || thinking === 'adaptive'))
    return 'Thinking may not be enabled when tool_choice forces tool use.';
  if (forced && WITHOUT_FORCED_TOOL.test(model))
    return 'tool_choice: forced tool use is not supported for this model.';
  if (choice !== undefined && listOf(fields['tools']).length === 0)
    return 'tool_choice may only be specified while providing tools.';
  const effort = fieldsOf(fields['output_config'])['effort'];
  if (effort === 'xhigh' && !WITHOUT_SAMPLING.test(model)) {
    return "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.";
  }
  return undefined;
}

function formatFault(fields: Fields, model: string): string | undefined {
  if (fields['output_format'] !== undefined) {
    return 'output_format: This field is deprecated. Use `output_config.format` instead.';
  }
  const { format } = fieldsOf(fields['output_config']);
  if (format === undefined || format === null) return undefined;
  if (WITHOUT_FORMAT.test(model))
    return 'output_config.format: structured outputs are not supported for this model.';
  const { type, schema } = fieldsOf(format);
  if (type !== 'json_schema') return "output_config.format.type: Input should be 'json_schema'";
  return schemaFault(fieldsOf(schema));
}

const REFUSED_KEYWORDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
];

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
function schemaFault(node: Fields): string | undefined {
  const type =
    textOf(node['type']) ??
    (Array.isArray(node['type']) ? textOf((node['type'] as unknown[])[0]) : undefined);
  if (type === 'object' && node['additionalProperties'] !== false) {
    return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false";
  }
  const refused = REFUSED_KEYWORDS.filter((keyword) => node[keyword] !== undefined);
  if (refused.length > 0) {
    return `output_config.format.schema: For '${type ?? 'any'}' type, properties ${refused.toSorted().join(', ')} are not supported`;
  }
  if (numberOf(node['minItems']) !== undefined && Number(node['minItems']) > 1) {
    return "output_config.format.schema: For 'array' type, 'minItems' values other than 0 or 1 are not supported";
  }
  if (node['oneOf'] !== undefined)
    return "output_config.format.schema: Schema type 'oneOf' is not supported";
  return childrenOf(node)
    .map(([, child]) => schemaFault(child))
    .find((fault) => fault !== undefined);
}

function refuseLength(call: Call, model: string): Failure | undefined {
  const tokens = inputTokensOf(readMessage(call, model));
  if (tokens <= CONTEXT_TOKENS) return undefined;
  return {
    ...anthropicFailure('context-length'),
    body: () =>
      anthropicError(
        'invalid_request_error',
        `prompt is too long: ${tokens} tokens > ${CONTEXT_TOKENS} maximum`,
      ),
  };
}
