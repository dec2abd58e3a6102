import { addressOfTarget, type LlmTarget } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';
import { OpenAI } from 'openai';

import { type ExpectedAnswer, ONE_TOKEN_ANSWER } from '../boundary/bounded-fetch.js';
import type { FailureReader } from '../errors/to-llm-error.js';
import { CalledEndpoint } from '../boundary/called-endpoint.js';
import type {
  Completion,
  CompletionRequest,
  LlmProvider,
  Quirks,
  VerifiedPart,
} from '../llm-provider.js';
import { type ChatCall, completeChat, streamChat } from './chat-calls.js';
import { clientOptions, openAiBaseUrl, wholeBodyError } from './client-options.js';
import { verifyModel } from './verify-model.js';

/** Adapter for OpenAI and, with a `base_url`, for any host that implements Chat Completions: Together, Groq, vLLM, Ollama. */
export class OpenAiProvider implements LlmProvider {
  readonly name = 'openai';

  constructor(
    private readonly egress: ApiEgress,
    private readonly failures: FailureReader,
  ) {}

  async complete(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): Promise<Completion> {
    return completeChat(this.callTo(target, request), request, quirks);
  }

  stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Completion> {
    return streamChat(this.callTo(target, { ...request, isStreamed: true }), request, quirks);
  }

  async verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    return verifyModel(this.callTo(target, ONE_TOKEN_ANSWER), signal);
  }

  private callTo(target: LlmTarget, expected: ExpectedAnswer): ChatCall {
    const apiKey = target.key.reveal();
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = new OpenAiClient({
      ...clientOptions(
        this.egress,
        apiKey,
        { authorization: `Bearer ${apiKey}` },
        { ...expected, endpoint },
      ),
      baseURL: openAiBaseUrl(addressOfTarget(target) ?? ''),
    });
    return { client, target, failures: this.failures, endpoint };
  }
}

export class OpenAiClient extends OpenAI {
  protected override readonly makeStatusError = wholeBodyError;
}
