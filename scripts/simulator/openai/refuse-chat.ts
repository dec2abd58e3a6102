import type { Call } from '../http/call.js';
import { fieldsOf, listOf, textOf } from '../http/json.js';
import { inputTokensOf } from '../tokens.js';
import type { Failure } from '../wire.js';
import { openaiError, openaiFailure, openaiRefusal } from './openai-failures.js';
import { contentText, readChat, turnsOf } from './read-chat.js';
import { strictSchemaFault } from './strict-schema.js';

const REASONING = /^(?:o\d|gpt-(?:[5-9]|\d\d))/;
/** GPT-5.1 and later accept sampling parameters if reasoning is switched off. */
const SAMPLING_WITHOUT_EFFORT = /^gpt-5\.[1-9]/;
const CONTEXT_TOKENS = 128_000;

/** The refusal of a Chat Completions body. The checks have the order of the real API. */
export function refuseChat(call: Call, model: string): Failure | undefined {
  if (call.body === undefined) {
    return openaiRefusal(
      'We could not parse the JSON body of your request. (HINT: This likely means you aren’t using your HTTP library correctly.)',
    );
  }
  return (
    refuseMessages(call) ??
    refuseParameters(call, model) ??
    refuseFormat(call, model) ??
    refuseTools(call) ??
    refuseLength(call, model)
  );
}

function refuseMessages({ fields }: Call): Failure | undefined {
  const { messages } = fields;
  if (messages === undefined) {
    return openaiRefusal("Missing required parameter: 'messages'.", {
      param: 'messages',
      code: 'missing_required_parameter',
    });
  }
  return Array.isArray(messages) && messages.length === 0
    ? openaiFailure('empty-messages')
    : undefined;
}

function refuseParameters({ fields }: Call, model: string): Failure | undefined {
  if (fields['max_tokens'] !== undefined && fields['max_completion_tokens'] !== undefined) {
    return openaiRefusal(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      {
        code: 'invalid_parameter_combination',
      },
    );
  }
  if (!REASONING.test(model)) return undefined;
  if (fields['max_tokens'] !== undefined) return openaiFailure('max-tokens-unsupported');
  if (SAMPLING_WITHOUT_EFFORT.test(model) && fields['reasoning_effort'] === 'none')
    return undefined;
  const param = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logprobs'].find(
    (name) => {
      const neutral = name.endsWith('penalty') ? 0 : name === 'logprobs' ? false : 1;
      return fields[name] !== undefined && fields[name] !== null && fields[name] !== neutral;
    },
  );
  if (param === undefined) return undefined;
  const unsupported = { param, code: 'unsupported_parameter' };
  return model.startsWith('gpt-')
    ? openaiRefusal(
        `Unsupported value: '${param}' does not support ${JSON.stringify(fields[param])} with this model. Only the default (1) value is supported.`,
        { param, code: 'unsupported_value' },
      )
    : openaiRefusal(
        `Unsupported parameter: '${param}' is not supported with this model.`,
        unsupported,
      );
}

function refuseFormat({ fields }: Call, model: string): Failure | undefined {
  const format = fieldsOf(fields['response_format']);
  const { type } = format;
  if (type === undefined || type === 'text') return undefined;
  if (type === 'json_object') {
    if (
      /json/i.test(
        listOf(fields['messages'])
          .map((turn) => contentText(fieldsOf(turn)['content']))
          .join('\n'),
      )
    )
      return undefined;
    return openaiRefusal(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      { param: 'messages' },
    );
  }
  if (type !== 'json_schema') {
    return openaiRefusal(
      `Invalid value: ${JSON.stringify(type)}. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      { param: 'response_format.type', code: 'invalid_value' },
    );
  }
  // gpt-4o-2024-08-06 and later support it: https://platform.openai.com/docs/guides/structured-outputs
  if (/^(?:gpt-3\.5|gpt-4(?:-|$)|gpt-4o-2024-05-13|o1-mini|o1-preview)/.test(model)) {
    return openaiRefusal(
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs",
      { param: 'response_format' },
    );
  }
  const { name, schema, strict } = fieldsOf(format['json_schema']);
  if (textOf(name) === undefined) {
    return openaiRefusal("Missing required parameter: 'response_format.json_schema.name'.", {
      param: 'response_format.json_schema.name',
      code: 'missing_required_parameter',
    });
  }
  const fault = strict === true ? strictSchemaFault(schema) : undefined;
  return fault === undefined
    ? undefined
    : openaiRefusal(`Invalid schema for response_format '${String(name)}': ${fault}`, {
        param: 'response_format',
      });
}

function refuseTools({ fields }: Call): Failure | undefined {
  const tools = listOf(fields['tools']).map((tool) => fieldsOf(fieldsOf(tool)['function']));
  if (tools.length === 0 && fields['tool_choice'] !== undefined) {
    return openaiRefusal(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      {
        param: 'tool_choice',
      },
    );
  }
  for (const [index, { name, parameters, strict }] of tools.entries()) {
    const fault = strict === true ? strictSchemaFault(parameters) : undefined;
    if (fault === undefined) continue;
    return openaiRefusal(`Invalid schema for function '${String(name)}': ${fault}`, {
      param: `tools[${index}].function.parameters`,
      code: 'invalid_function_parameters',
    });
  }
  return undefined;
}

function refuseLength(call: Call, model: string): Failure | undefined {
  if (
    turnsOf(call.fields['messages']).reduce((sum, { text }) => sum + text.length, 0) <
    CONTEXT_TOKENS
  )
    return undefined;
  const tokens = inputTokensOf(readChat(call, model));
  if (tokens <= CONTEXT_TOKENS) return undefined;
  return {
    ...openaiFailure('context-length'),
    body: () =>
      openaiError(
        `This model's maximum context length is ${CONTEXT_TOKENS} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
        { param: 'messages', code: 'context_length_exceeded' },
      ),
  };
}
