import { z } from 'zod';

import { type AnswerPiece, type CallPiece, NO_PIECE } from '../answers/collected-answer.js';
import { wordsIn } from '../answers/content-parts.js';
import type { AnswerReader } from '../answers/receive-completion.js';
import { readStopReason } from '../answers/stop-reason.js';
import { tokenCountSchema as tokens } from '../boundary/token-count.js';

const given = z.unknown().optional();

const usageSchema = z
  .looseObject({ prompt_tokens: tokens, completion_tokens: tokens })
  .nullish()
  .catch(null);

const inputSchema = z.looseObject({
  arguments: given,
  parameters: given,
  input: given,
  args: given,
});

/** Some hosts leave out `function` and put its fields beside it. */
const callSchema = inputSchema.extend({
  index: z.number().optional().catch(undefined),
  id: z.string().nullish().catch(null),
  function: inputSchema.nullish().catch(null),
});

const messageSchema = z.looseObject({
  content: given,
  refusal: z.string().nullish().catch(null),
  tool_calls: z.array(callSchema).nullish().catch(null),
  function_call: inputSchema.nullish().catch(null),
  reasoning_content: given,
  reasoning: given,
  error: given,
});
type ChatMessage = z.output<typeof messageSchema>;

/** No more than is read: compatible servers leave out much of the rest, a message that was cut off included. */
const choiceSchema = z.looseObject({
  finish_reason: given,
  finishReason: given,
  message: messageSchema.nullish().catch(null),
  delta: messageSchema.nullish().catch(null),
  text: z.string().nullish().catch(null),
  error: given,
});

/** Some write the only choice without a list, or a map of choices by their numbers. */
function listOfChoices(choices: unknown): unknown {
  if (typeof choices !== 'object' || choices === null || Array.isArray(choices)) return choices;
  return 'message' in choices || 'delta' in choices ? [choices] : Object.values(choices);
}

const answerSchema = z.looseObject({
  choices: z.preprocess(listOfChoices, z.array(choiceSchema).nullish()),
  usage: usageSchema,
});

/** Chat Completions, whole and streamed. */
export const chatReader: AnswerReader = {
  fields: ['choices'],
  eventFields: ['choices', 'usage'],
  whole: (value) => {
    const { data } = answerSchema.safeParse(value);
    if (!data?.choices) return undefined;
    const [choice] = data.choices;
    return {
      ...pieceOf(choice, choice?.message ?? choice?.delta),
      usage: usageOf(data.usage),
      // A host that streams one value a line may have sent a single one.
      isWhole: !choice?.delta || Boolean(choice.message),
    };
  },
  event: (value) => {
    const { data } = answerSchema.safeParse(value);
    const [choice] = data?.choices ?? [];
    const usage = usageOf(data?.usage);
    return {
      ...pieceOf(choice, choice?.delta ?? choice?.message),
      usage,
      isWhole: !choice?.delta && Boolean(choice?.message),
      isCost: choice === undefined && (usage.outputTokens ?? 0) > 0,
    };
  },
};

function pieceOf(
  choice: z.output<typeof choiceSchema> | undefined,
  message: ChatMessage | null | undefined,
): AnswerPiece {
  if (choice === undefined) return NO_PIECE;
  const said = wordsIn(message?.content ?? choice.text);
  const thought = wordsIn(message?.reasoning_content ?? message?.reasoning);
  const failure = choice.error ?? message?.error ?? undefined;
  return {
    ...NO_PIECE,
    text: said.text,
    thoughts: said.thoughts + thought.thoughts + thought.text,
    calls: message ? callsOf(message) : [],
    stop:
      message?.refusal || said.refuses
        ? 'refused'
        : readStopReason(choice.finish_reason ?? choice.finishReason),
    ...(failure !== undefined && { failure }),
  };
}

/** A call without an index is one for itself; some hosts give every call the index 0 and an id of its own. */
function callsOf({ tool_calls: calls, function_call: legacy }: ChatMessage): readonly CallPiece[] {
  const pieces = (calls ?? []).map((call, place) => ({
    place: call.index ?? place,
    id: call.id ?? null,
    input: inputIn(call.function ?? call),
  }));
  return legacy ? [...pieces, { place: -1, input: inputIn(legacy) }] : pieces;
}

function inputIn({
  arguments: text,
  parameters,
  input,
  args,
}: z.output<typeof inputSchema>): string {
  const stated = text ?? parameters ?? input ?? args ?? '';
  return typeof stated === 'string' ? stated : JSON.stringify(stated);
}

const usageOf = (usage: z.output<typeof usageSchema>): AnswerPiece['usage'] =>
  usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : {};
