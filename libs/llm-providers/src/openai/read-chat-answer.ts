import { z } from 'zod';

import { type AnswerPiece, type CallPiece, NO_PIECE } from '../answers/collected-answer.js';
import { readContent } from '../answers/content-parts.js';
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

/** Puts a single call without a list into one. */
function toCallList(calls: unknown): unknown {
  return typeof calls === 'object' && calls !== null && !Array.isArray(calls) ? [calls] : calls;
}

/** Some hosts leave out `function` and put its fields beside it. */
const callSchema = inputSchema.extend({
  index: z.number().optional().catch(undefined),
  id: z.string().nullish().catch(null),
  function: inputSchema.nullish().catch(null),
  custom: inputSchema.nullish().catch(null),
});

const messageSchema = z.looseObject({
  content: given,
  refusal: z.string().nullish().catch(null),
  parsed: given,
  tool_calls: z.preprocess(toCallList, z.array(callSchema)).nullish().catch(null),
  function_call: inputSchema.nullish().catch(null),
  reasoning_content: given,
  reasoning: given,
  thinking: given,
  reasoning_details: given,
  error: given,
});
type ChatMessage = z.output<typeof messageSchema>;

/** Only the fields that are read: compatible servers leave out many of the others, and the message of a cut answer. */
const choiceSchema = z.looseObject({
  finish_reason: given,
  finishReason: given,
  message: messageSchema.nullish().catch(null),
  delta: messageSchema.nullish().catch(null),
  text: z.string().nullish().catch(null),
  error: given,
});

/** Some hosts send the only choice without a list, or a map of choices by their indexes. */
function listOfChoices(choices: unknown): unknown {
  if (typeof choices !== 'object' || choices === null || Array.isArray(choices)) return choices;
  return 'message' in choices || 'delta' in choices ? [choices] : Object.values(choices);
}

const answerSchema = z.looseObject({
  choices: z.preprocess(listOfChoices, z.array(choiceSchema).nullish()),
  usage: usageSchema,
  promptFeedback: given,
  prompt_feedback: given,
  prompt_filter_results: given,
});

/** Whether an answer without a choice states that the prompt was blocked: Gemini's `blockReason`, Azure's `"filtered": true`. */
function withholdsPrompt(answer: z.output<typeof answerSchema>): boolean {
  const feedback = [answer.promptFeedback, answer.prompt_feedback, answer.prompt_filter_results];
  return /"block_?reason":"[^"]|"filtered":true/i.test(JSON.stringify(feedback));
}

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
      ...(!choice && withholdsPrompt(data) && { stop: 'filtered' as const }),
      usage: usageOf(data.usage),
      // A single delta may be the first value of a host that streams one value per line.
      isWhole: !choice?.delta || Boolean(choice.message),
    };
  },
  event: (value) => {
    const { data } = answerSchema.safeParse(value);
    const [choice] = data?.choices ?? [];
    const usage = usageOf(data?.usage);
    return {
      ...pieceOf(choice, choice?.delta ?? choice?.message),
      ...(!choice && data && withholdsPrompt(data) && { stop: 'filtered' as const }),
      usage,
      isMessage: !choice?.delta && Boolean(choice?.message),
      isUsageOnly: choice === undefined && (usage.outputTokens ?? 0) > 0,
    };
  },
};

function pieceOf(
  choice: z.output<typeof choiceSchema> | undefined,
  message: ChatMessage | null | undefined,
): AnswerPiece {
  if (choice === undefined) return NO_PIECE;
  const feedback = readContent(message?.content ?? parsedIn(message) ?? choice.text);
  const thought = readContent(thoughtsIn(message));
  const failure = choice.error ?? message?.error ?? undefined;
  return {
    ...NO_PIECE,
    text: feedback.text,
    thoughts: feedback.thoughts + thought.thoughts + thought.text,
    calls: message ? callsOf(message) : [],
    stop:
      message?.refusal || feedback.refuses
        ? 'refused'
        : readStopReason(choice.finish_reason ?? choice.finishReason),
    ...(failure !== undefined && { failure }),
  };
}

/** Some servers send the parsed JSON without its text. */
const parsedIn = (message: ChatMessage | null | undefined): string | undefined =>
  typeof message?.parsed === 'object' && message.parsed !== null
    ? JSON.stringify(message.parsed)
    : undefined;

const thoughtsIn = (message: ChatMessage | null | undefined): unknown =>
  message?.reasoning_content ||
  message?.reasoning ||
  message?.thinking ||
  message?.reasoning_details;

/** A tool call without an index gets its position in the list. Some hosts give every call index 0; the ids tell them apart. */
function callsOf({ tool_calls: calls, function_call: legacy }: ChatMessage): readonly CallPiece[] {
  const pieces = (calls ?? []).map((call, place) => ({
    place: call.index ?? place,
    id: call.id ?? null,
    input: inputIn(call.function ?? call.custom ?? call),
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
