import type { LlmTarget } from '@app/caller-keys';
import type { OpenAI } from 'openai';

import { parseBounded } from '../boundary/bounded-json.js';
import type { CalledEndpoint } from '../boundary/called-endpoint.js';
import { serverEvents } from '../boundary/server-events.js';
import { TextAllowance } from '../boundary/unreadable-answer.js';
import type { LlmErrorCode } from '../llm.error.js';
import type { Completion, CompletionRequest, Quirks, StopReason, Usage } from '../llm-provider.js';
import { asJson, holdsError, isOfAnotherKind, wholeAnswerIn } from '../loose-answer.js';
import { type ProviderFailure, readFailure } from '../provider-failure.js';
import { cutOff, fromAnswer, ofAnotherKind, toLlmError, unreadable } from '../to-llm-error.js';
import { readChatAnswer, readChatChunk } from './read-chat-answer.js';
import { toChatRequest } from './to-chat-request.js';

/** One call of Chat Completions, and whose it is: what OpenAI and Azure have in common. */
export interface ChatCall {
  readonly client: OpenAI;
  readonly target: LlmTarget;
  readonly classify: (failure: ProviderFailure) => LlmErrorCode;
  readonly endpoint: CalledEndpoint;
}

export async function completeChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
): Promise<Completion> {
  const { client, target, classify, endpoint } = call;
  const { signal } = request;
  const body = {
    ...toChatRequest(request, target.model, quirks),
    // A host without streams may not know the word.
    ...(quirks.streams && { stream: false as const }),
  };
  try {
    const answer: unknown = await client.chat.completions.create(body, { signal });
    const completion = readWhole(call, asJson(answer), new Headers());
    new TextAllowance(request.maxOutputTokens).take(completion.text);
    return completion;
  } catch (error) {
    throw toLlmError(error, { target, signal, classify, endpoint });
  }
}

function readWhole(call: ChatCall, answer: unknown, headers: Headers): Completion {
  const { target, endpoint } = call;
  if (holdsError(answer)) throw fromAnswer(readFailure(answer, 200, headers), call);
  if (isOfAnotherKind(answer, ['choices'])) throw ofAnotherKind(target, endpoint);
  const completion = readChatAnswer(answer);
  if (!completion) throw unreadable(target);
  return completion;
}

export async function* streamChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
): AsyncGenerator<string, Omit<Completion, 'text'>> {
  const { client, target, classify, endpoint } = call;
  const { signal } = request;
  let stop: StopReason | undefined;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  let hasEvents = false;
  const allowance = new TextAllowance(request.maxOutputTokens);
  const body = {
    ...toChatRequest(request, target.model, quirks),
    stream: true as const,
    ...(quirks.streamUsage && { stream_options: { include_usage: true } }),
  };
  try {
    const response = await client.chat.completions.create(body, { signal }).asResponse();
    const whole = await wholeAnswerIn(response);
    if (whole !== undefined) {
      const { text, ...end } = readWhole(call, whole, response.headers);
      allowance.take(text);
      if (text !== '') yield text;
      return end;
    }
    for await (const { data } of serverEvents(response.body)) {
      hasEvents = true;
      if (data === '' || data.startsWith('[DONE]')) continue;
      const chunk = parseBounded(data);
      if (holdsError(chunk)) throw fromAnswer(readFailure(chunk, null, response.headers), call);
      const read = readChatChunk(chunk);
      stop = read.stop ?? stop;
      usage = read.usage ?? usage;
      allowance.take(read.text);
      if (read.text !== '') yield read.text;
    }
    signal.throwIfAborted();
  } catch (error) {
    throw toLlmError(error, { target, signal, classify, endpoint });
  }
  // A stream that ends without a reason was cut: it must not look whole.
  if (stop === undefined) throw hasEvents ? cutOff(target) : unreadable(target);
  return { stop, usage };
}
