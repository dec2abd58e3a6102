import type { LlmTarget } from '@app/caller-keys';
import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';

import { collectCompletion, receiveCompletion } from '../answers/receive-completion.js';
import type { FailureReader } from '../errors/to-llm-error.js';
import type { CalledEndpoint } from '../boundary/called-endpoint.js';
import type { Completion, CompletionRequest, Quirks } from '../llm-provider.js';
import { chatReader } from './read-chat-answer.js';
import { toChatRequest } from './to-chat-request.js';

/** The parts of a Chat Completions call that OpenAI and Azure have in common. */
export interface ChatCall {
  readonly client: OpenAI;
  readonly target: LlmTarget;
  readonly failures: FailureReader;
  readonly endpoint: CalledEndpoint;
}

export function completeChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
): Promise<Completion> {
  const body = {
    ...toChatRequest(request, call.target.model, quirks),
    // A host without streams may not know the parameter.
    ...(quirks.streams && { stream: false as const }),
  };
  return collectCompletion(receive(call, request, body));
}

export function streamChat(
  call: ChatCall,
  request: CompletionRequest,
  quirks: Quirks,
): AsyncGenerator<string, Completion> {
  return receive(call, request, {
    ...toChatRequest(request, call.target.model, quirks),
    stream: true as const,
    ...(quirks.streamUsage && { stream_options: { include_usage: true } }),
  });
}

function receive(
  call: ChatCall,
  request: CompletionRequest,
  body: ChatCompletionCreateParams,
): AsyncGenerator<string, Completion> {
  const send = (signal: AbortSignal): Promise<Response> =>
    call.client.chat.completions.create(body, { signal }).asResponse();
  return receiveCompletion(send, chatReader, { ...call, signal: request.signal }, request);
}
