import type { Call } from '../http/call.js';
import { fieldsOf } from '../http/json.js';
import { eventsReply, type Headers, jsonReply, type Reply } from '../http/reply.js';
import { base58, hex } from '../ids.js';
import { deltasOf } from '../tokens.js';
import type { AskedPrompt, GeneratedAnswer } from '../wire.js';

const FINISH = {
  end: 'stop',
  length: 'length',
  'stop-sequence': 'stop',
  refused: 'stop',
  filtered: 'content_filter',
} as const;

/** The differences between a server's answers and OpenAI's. */
export interface ChatDialect {
  readonly headers: Headers;
  /** Fields to add to the answer itself, such as Azure's filter results. */
  readonly top?: object;
  readonly choice?: object;
}

/** A chat completion, in one piece or as a stream. */
export function chatCompletion(
  call: Call,
  asked: AskedPrompt,
  generated: GeneratedAnswer,
  dialect: ChatDialect,
): Reply {
  return asked.stream
    ? streamed(call, asked, generated, dialect)
    : whole(asked, generated, dialect);
}

function whole(
  asked: AskedPrompt,
  generated: GeneratedAnswer,
  { headers, top, choice }: ChatDialect,
): Reply {
  const message = {
    role: 'assistant',
    content: null,
    refusal: null,
    annotations: [],
    ...messageOf(asked, generated),
  };
  return jsonReply(
    200,
    {
      ...envelope(asked, 'chat.completion'),
      choices: [
        { index: 0, message, logprobs: null, finish_reason: finishOf(asked, generated), ...choice },
      ],
      usage: usageOf(generated),
      ...top,
    },
    headers,
  );
}

/** In a refusal and in a tool call `content` is null. */
function messageOf(asked: AskedPrompt, { text, stop }: GeneratedAnswer): object {
  if (stop === 'refused') return { refusal: text };
  if (text === '') return {};
  if (asked.tool === undefined) return { content: text };
  return {
    tool_calls: [
      {
        id: `call_${base58(24)}`,
        type: 'function',
        function: { name: asked.tool.name, arguments: text },
      },
    ],
  };
}

/** The finish reason is `stop` if the request named the tool, and `tool_calls` if the model chose it. */
function finishOf({ tool }: AskedPrompt, { stop }: GeneratedAnswer): string {
  return stop === 'end' && tool !== undefined && tool.forced !== 'named'
    ? 'tool_calls'
    : FINISH[stop];
}

function streamed(
  call: Call,
  asked: AskedPrompt,
  generated: GeneratedAnswer,
  { headers, top, choice }: ChatDialect,
): Reply {
  const withUsage = fieldsOf(call.fields['stream_options'])['include_usage'] === true;
  const base = { ...envelope(asked, 'chat.completion.chunk'), ...(withUsage && { usage: null }) };
  const chunk = (delta: object, finish: string | null = null) => ({
    data: {
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish, ...choice }],
    },
  });
  const events = [
    ...(top === undefined ? [] : [{ data: { ...base, model: '', choices: [], ...top } }]),
    ...deltas(asked, generated).map((delta) => chunk(delta)),
    chunk({}, finishOf(asked, generated)),
    ...(withUsage ? [{ data: { ...base, choices: [], usage: usageOf(generated) } }] : []),
    { data: '[DONE]' },
  ];
  return eventsReply(events, headers);
}

function deltas(asked: AskedPrompt, { text, stop }: GeneratedAnswer): readonly object[] {
  const pieces = deltasOf(text);
  if (asked.tool !== undefined && stop !== 'refused') {
    const { name } = asked.tool;
    const call = {
      index: 0,
      id: `call_${base58(24)}`,
      type: 'function',
      function: { name, arguments: '' },
    };
    return [
      { role: 'assistant', content: null, tool_calls: [call], refusal: null },
      ...pieces.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    ];
  }
  const field = stop === 'refused' ? 'refusal' : 'content';
  return [
    { role: 'assistant', content: '', refusal: null },
    ...pieces.map((piece) => ({ [field]: piece })),
  ];
}

function envelope({ model }: AskedPrompt, object: string) {
  return {
    id: `chatcmpl-${base58(29)}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model,
    service_tier: 'default',
    system_fingerprint: `fp_${hex(10)}`,
  };
}

function usageOf({ inputTokens, outputTokens }: GeneratedAnswer): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
