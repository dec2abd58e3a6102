import { z } from 'zod';

import { tokenCountSchema as tokens } from '../boundary/token-count.js';
import type { Completion, StopReason, Usage } from '../llm-provider.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  tool_calls: 'end',
  function_call: 'end',
  length: 'length',
  content_filter: 'filtered',
};

const usageSchema = z
  .looseObject({ prompt_tokens: tokens, completion_tokens: tokens })
  .nullish()
  .catch(null);

/** No more than is read: compatible servers leave out much of the rest. */
const answerSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({
          content: z.string().nullish().catch(null),
          refusal: z.string().nullish().catch(null),
          tool_calls: z
            .array(z.looseObject({ function: z.looseObject({ arguments: z.string() }) }))
            .nullish()
            .catch(null),
        }),
      }),
    )
    .min(1),
  usage: usageSchema,
});

const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        delta: z
          .looseObject({ content: z.string().nullish(), refusal: z.string().nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .catch([]),
  usage: usageSchema,
});

export interface ChatChunk {
  readonly text: string;
  readonly stop: StopReason | undefined;
  readonly usage: Usage | undefined;
}

/** undefined: not a chat completion. */
export function readChatAnswer(answer: unknown): Completion | undefined {
  const read = answerSchema.safeParse(answer);
  const choice = read.data?.choices[0];
  if (!read.success || !choice) return undefined;
  const { content, refusal, tool_calls: calls } = choice.message;
  return {
    text: calls?.[0]?.function.arguments ?? content ?? '',
    stop: refusal ? 'refused' : stopOf(choice.finish_reason),
    usage: usageOf(read.data.usage),
  };
}

export function readChatChunk(chunk: unknown): ChatChunk {
  const { choices = [], usage } = chunkSchema.safeParse(chunk).data ?? {};
  const [choice] = choices;
  const ended = choice?.finish_reason ? stopOf(choice.finish_reason) : undefined;
  return {
    text: choice?.delta?.content ?? '',
    stop: choice?.delta?.refusal ? 'refused' : ended,
    usage: usage ? usageOf(usage) : undefined,
  };
}

const stopOf = (reason: string | null | undefined): StopReason =>
  STOP_REASONS[reason ?? ''] ?? 'other';

const usageOf = (usage: z.output<typeof usageSchema>): Usage => ({
  inputTokens: usage?.prompt_tokens ?? 0,
  outputTokens: usage?.completion_tokens ?? 0,
});
