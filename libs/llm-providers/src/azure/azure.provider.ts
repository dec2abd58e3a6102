import { isAzureV1, type LlmTarget } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';
import { AzureOpenAI } from 'openai';

import { type ExpectedAnswer, ONE_TOKEN_ANSWER } from '../boundary/bounded-fetch.js';
import { LlmError } from '../errors/llm.error.js';
import type { FailureReader } from '../errors/to-llm-error.js';
import { CalledEndpoint } from '../boundary/called-endpoint.js';
import type {
  Completion,
  CompletionRequest,
  LlmProvider,
  Quirks,
  VerifiedPart,
} from '../llm-provider.js';
import { type ChatCall, completeChat, streamChat } from '../openai/chat-calls.js';
import { clientOptions, openAiBaseUrl, wholeBodyError } from '../openai/client-options.js';
import { OpenAiClient } from '../openai/openai.provider.js';
import { requireEmptyChatRefusal } from '../openai/verify-model.js';
import { withoutSlash } from '../provider-definition.js';

/**
 * Adapter for Azure: Chat Completions with the key in the header `api-key`. The URL names a deployment and an api-version; the
 * URL of the v1 API names neither.
 */
export class AzureProvider implements LlmProvider {
  readonly name = 'azure';

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

  /**
   * The list of models does not show deployments. A call without messages costs nothing. If only its messages are refused,
   * key and deployment are valid.
   */
  async verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    await requireEmptyChatRefusal(this.callTo(target, ONE_TOKEN_ANSWER), signal);
    return 'model';
  }

  private callTo(target: LlmTarget, expected: ExpectedAnswer): ChatCall {
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = this.clientFor(target, { ...expected, endpoint });
    return { client, target, failures: this.failures, endpoint };
  }

  private clientFor(
    { key, baseUrl, apiVersion, model }: LlmTarget,
    expected: ExpectedAnswer,
  ): OpenAiClient | AzureClient {
    if (baseUrl === undefined) {
      throw new LlmError(
        'llm_invalid_request',
        'llm.base_url is required for azure: the address of your resource.',
      );
    }
    const apiKey = key.reveal();
    const options = clientOptions(this.egress, apiKey, { 'api-key': apiKey }, expected);
    if (isAzureV1(baseUrl))
      return new OpenAiClient({ ...options, baseURL: openAiBaseUrl(baseUrl) });
    if (apiVersion === undefined) {
      throw new LlmError(
        'llm_invalid_request',
        'llm.extra.api_version is required for azure, unless base_url ends with /openai/v1.',
      );
    }
    // The SDK puts the deployment into the path without encoding it.
    return new AzureClient({
      ...options,
      baseURL: azureBaseUrl(baseUrl),
      apiVersion,
      deployment: encodeURIComponent(model),
    });
  }
}

/** An Azure resource as the SDK takes it; callers give it with or without `/openai` or the path of a deployment. */
export function azureBaseUrl(given: string): string {
  return `${withoutSlash(given).replace(/\/openai(\/deployments\/.*)?$/, '')}/openai`;
}

class AzureClient extends AzureOpenAI {
  protected override readonly makeStatusError = wholeBodyError;
}
