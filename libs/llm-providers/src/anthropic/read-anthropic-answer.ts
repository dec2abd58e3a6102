import { z } from 'zod';

import type { Completion, StopReason } from '../llm-provider.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  tool_use: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
};

const tokens = z.number().catch(0);

const answerSchema = z.looseObject({
  content: z.array(
    z.looseObject({ type: z.string(), text: z.string().optional(), input: z.unknown().optional() }),
  ),
  stop_reason: z.string().nullish(),
  usage: z
    .looseObject({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_creation_input_tokens: tokens,
      cache_read_input_tokens: tokens,
    })
    .nullish()
    .catch(null),
});

/** undefined: not a message. */
export function readAnthropicAnswer(answer: unknown): Completion | undefined {
  const { data } = answerSchema.safeParse(answer);
  if (!data) return undefined;
  const call = data.content.find(({ type }) => type === 'tool_use');
  const text = data.content
    .map((block) => (block.type === 'text' ? (block.text ?? '') : ''))
    .join('');
  const { usage } = data;
  return {
    text: call ? JSON.stringify(call.input) : text,
    stop: anthropicStop(data.stop_reason),
    usage: {
      // What is read from or written to a cache was input too, only priced otherwise.
      inputTokens: usage
        ? usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
        : 0,
      outputTokens: usage?.output_tokens ?? 0,
    },
  };
}

export const anthropicStop = (reason: string | null | undefined): StopReason =>
  STOP_REASONS[reason ?? ''] ?? 'other';
