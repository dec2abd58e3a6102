import { z } from 'zod';

import { addTokens, tokenCountSchema as tokens } from '../boundary/token-count.js';
import type { Completion, StopReason, Usage } from '../llm-provider.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  tool_use: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
};

const usageSchema = z
  .looseObject({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_creation_input_tokens: tokens,
    cache_read_input_tokens: tokens,
  })
  .nullish()
  .catch(null);

const answerSchema = z.looseObject({
  content: z.array(
    z.looseObject({ type: z.string(), text: z.string().optional(), input: z.unknown().optional() }),
  ),
  stop_reason: z.string().nullish(),
  usage: usageSchema,
});

/** No more of a stream's events than is read; of one that is something else, nothing. */
const eventSchema = z.looseObject({
  type: z.string().catch(''),
  message: z.looseObject({ usage: usageSchema }).nullish().catch(null),
  delta: z
    .looseObject({
      type: z.string().nullish().catch(null),
      text: z.string().nullish().catch(null),
      stop_reason: z.string().nullish().catch(null),
    })
    .nullish()
    .catch(null),
  usage: usageSchema,
});

export interface AnthropicEvent {
  readonly text: string;
  readonly stop: StopReason | undefined;
  /** Of what the event speaks of, the latest count. */
  readonly usage: Partial<Usage>;
}

/** undefined: not a message. */
export function readAnthropicAnswer(answer: unknown): Completion | undefined {
  const { data } = answerSchema.safeParse(answer);
  if (!data) return undefined;
  const call = data.content.find(({ type }) => type === 'tool_use');
  const text = data.content
    .map((block) => (block.type === 'text' ? (block.text ?? '') : ''))
    .join('');
  return {
    text: call ? JSON.stringify(call.input) : text,
    stop: anthropicStop(data.stop_reason),
    usage: { inputTokens: inputOf(data.usage), outputTokens: data.usage?.output_tokens ?? 0 },
  };
}

/** One event of a stream: a message begins with its input's cost and ends with its output's. */
export function readAnthropicEvent(given: unknown): AnthropicEvent {
  const { type, message, delta, usage } = eventSchema.safeParse(given).data ?? {};
  const isText = type === 'content_block_delta' && delta?.type === 'text_delta';
  const input = inputOf(message?.usage ?? usage);
  return {
    text: isText ? (delta.text ?? '') : '',
    stop:
      type === 'message_delta' && delta?.stop_reason ? anthropicStop(delta.stop_reason) : undefined,
    usage: {
      ...(input > 0 && { inputTokens: input }),
      ...(type === 'message_delta' && usage && { outputTokens: usage.output_tokens }),
    },
  };
}

/** What is read from or written to a cache was input too, only priced otherwise. */
function inputOf(usage: z.output<typeof usageSchema>): number {
  if (!usage) return 0;
  const cached = addTokens(usage.cache_creation_input_tokens, usage.cache_read_input_tokens);
  return addTokens(usage.input_tokens, cached);
}

const anthropicStop = (reason: string | null | undefined): StopReason =>
  STOP_REASONS[reason ?? ''] ?? 'other';
