import type { LlmTarget } from '@app/caller-keys';
import type { OpenAI } from 'openai';

import type { LlmErrorCode } from '../llm.error.js';
import type { Completion, CompletionRequest, Quirks, StopReason, Usage } from '../llm-provider.js';
import { asJson, holdsError } from '../loose-answer.js';
import { type ProviderFailure, readFailure } from '../provider-failure.js';
import { cutOff, fromAnswer, toLlmError, unreadable } from '../to-llm-error.js';
import { readChatAnswer, readChatChunk } from './read-chat-answer.js';
import { toChatRequest } from './to-chat-request.js';

/** One call of Chat Completions, and whose it is: what OpenAI and Azure have in common. */
export interface ChatCall {
  readonly client: OpenAI;
  readonly target: LlmTarget;
  readonly classify: (failure: ProviderFailure) => LlmErrorCode;
}

export async function completeChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
): Promise<Completion> {
  const { client, target, classify } = call;
  const { signal } = request;
  const body = { ...toChatRequest(request, target.model, quirks), stream: false as const };
  const answer: unknown = await client.chat.completions
    .create(body, { signal })
    .catch((error: unknown) => {
      throw toLlmError(error, { target, signal, classify });
    });
  const read = asJson(answer);
  if (holdsError(read))
    throw fromAnswer(readFailure(read, 200, new Headers()), { target, classify });
  const completion = readChatAnswer(read);
  if (!completion) throw unreadable(target);
  return completion;
}

export async function* streamChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
  options: { readonly includeUsage: boolean },
): AsyncGenerator<string, Omit<Completion, 'text'>> {
  const { client, target, classify } = call;
  const { signal } = request;
  let stop: StopReason | undefined;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  try {
    const chunks = await client.chat.completions.create(
      {
        ...toChatRequest(request, target.model, quirks),
        stream: true,
        ...(options.includeUsage && { stream_options: { include_usage: true } }),
      },
      { signal },
    );
    for await (const chunk of chunks) {
      const read = readChatChunk(chunk);
      stop = read.stop ?? stop;
      usage = read.usage ?? usage;
      if (read.text !== '') yield read.text;
    }
    // The SDK ends an aborted stream without a word: a cut answer would look whole.
    signal.throwIfAborted();
  } catch (error) {
    throw toLlmError(error, { target, signal, classify });
  }
  if (stop === undefined) throw cutOff(target);
  return { stop, usage };
}
