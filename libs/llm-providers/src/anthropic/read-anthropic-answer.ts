import { z } from 'zod';

import { type AnswerPiece, type CallPiece, NO_PIECE } from '../answers/collected-answer.js';
import { readContent } from '../answers/content-parts.js';
import type { AnswerReader } from '../answers/receive-completion.js';
import { readStopReason } from '../answers/stop-reason.js';
import { addTokens, tokenCountSchema as tokens } from '../boundary/token-count.js';

const given = z.unknown().optional();

const usageSchema = z
  .looseObject({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_creation_input_tokens: tokens,
    cache_read_input_tokens: tokens,
  })
  .nullish()
  .catch(null);
type StatedUsage = z.output<typeof usageSchema>;

const blockSchema = z.looseObject({ type: z.string().catch('text'), input: given });
type Block = z.output<typeof blockSchema>;

/** Compatible hosts may send a text or a single block in place of the list of blocks. */
const answerSchema = z.looseObject({
  content: z
    .union([z.array(z.union([blockSchema, z.string()])), z.string(), blockSchema])
    .nullish(),
  stop_reason: given,
  usage: usageSchema,
});

/** Only the fields that are read. A field of another type counts as absent. */
const eventSchema = z.looseObject({
  type: z.string().catch(''),
  index: z.number().catch(0),
  message: z
    .looseObject({ content: given, stop_reason: given, usage: usageSchema })
    .nullish()
    .catch(null),
  content_block: blockSchema.nullish().catch(null),
  delta: z
    .looseObject({
      type: z.string().nullish().catch(null),
      text: z.string().nullish().catch(null),
      thinking: z.string().nullish().catch(null),
      partial_json: z.string().nullish().catch(null),
      stop_reason: given,
    })
    .nullish()
    .catch(null),
  usage: usageSchema,
});

/** The Messages API, whole and streamed. */
export const anthropicReader: AnswerReader = {
  fields: ['content', 'stop_reason'],
  eventFields: ['message', 'content_block', 'delta', 'content', 'stop_reason'],
  whole: (value) => {
    const { data } = answerSchema.safeParse(value);
    if (!data) return undefined;
    const { content, usage } = data;
    const blocks = Array.isArray(content) ? content : [content];
    return {
      ...NO_PIECE,
      ...textOf(blocks.filter((block) => !isCall(block))),
      calls: blocks.filter(isCall).map((block, place) => callOf(block, place)),
      stop: readStopReason(data.stop_reason),
      usage: { inputTokens: inputOf(usage), outputTokens: usage?.output_tokens ?? 0 },
      isWhole: true,
    };
  },
  /** The first event of a message states its input tokens, and one of the last events states its output tokens. */
  event: (value) => {
    const { data } = eventSchema.safeParse(value);
    if (!data) return NO_PIECE;
    const { type, index, content_block: block, delta, message, usage } = data;
    return {
      ...NO_PIECE,
      ...(type === 'content_block_start' && block && !isCall(block)
        ? textOf(block)
        : deltaOf(delta)),
      calls: callPieces(index, block, delta),
      stop: readStopReason(delta?.stop_reason ?? message?.stop_reason),
      usage: usageIn(type, message?.usage ?? usage),
      isLast: type === 'message_stop',
    };
  },
};

type Delta = z.output<typeof eventSchema>['delta'];

const deltaOf = (delta: Delta): Pick<AnswerPiece, 'text' | 'thoughts'> => ({
  text: delta?.text ?? '',
  thoughts: delta?.thinking ?? '',
});

function textOf(content: unknown): Pick<AnswerPiece, 'text' | 'thoughts'> {
  const { text, thoughts } = readContent(content);
  return { text, thoughts };
}

const isCall = (block: Block | string | null | undefined): block is Block =>
  typeof block === 'object' && block !== null && block.type === 'tool_use';

function callOf({ input }: Block, place: number): CallPiece {
  return { place, input: typeof input === 'string' ? input : JSON.stringify(input ?? {}) };
}

/** A streamed call begins with an empty input; some hosts send the whole input in the first event. */
function callPieces(
  index: number,
  block: Block | null | undefined,
  delta: Delta,
): readonly CallPiece[] {
  if (delta?.partial_json) return [{ place: index, input: delta.partial_json }];
  if (!isCall(block)) return [];
  const { input } = callOf(block, index);
  return [{ place: index, input: input === '{}' ? '' : input }];
}

function usageIn(type: string, usage: StatedUsage): AnswerPiece['usage'] {
  const input = inputOf(usage);
  return {
    ...(input > 0 && { inputTokens: input }),
    ...(type === 'message_delta' && usage && { outputTokens: usage.output_tokens }),
  };
}

/** Tokens read from or written to a cache are input too, at another price. */
function inputOf(usage: StatedUsage): number {
  if (!usage) return 0;
  const cached = addTokens(usage.cache_creation_input_tokens, usage.cache_read_input_tokens);
  return addTokens(usage.input_tokens, cached);
}
