import { Anthropic, type APIError } from '@anthropic-ai/sdk';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import { addressOfTarget, isAtVendor, type LlmTarget } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';

import { asJson } from '../answers/loose-answer.js';
import { collectCompletion, receiveCompletion } from '../answers/receive-completion.js';
import { boundedFetch, type ExpectedAnswer, ONE_TOKEN_ANSWER } from '../boundary/bounded-fetch.js';
import { LlmError } from '../errors/llm.error.js';
import { type FailureReader, toLlmError, noCompletionError } from '../errors/to-llm-error.js';
import { CalledEndpoint } from '../boundary/called-endpoint.js';
import {
  type Completion,
  type CompletionRequest,
  type LlmProvider,
  PLAIN_QUIRKS,
  type Quirks,
  type VerifiedPart,
} from '../llm-provider.js';
import { withoutSlash } from '../provider-definition.js';
import { anthropicReader } from './read-anthropic-answer.js';
import { toAnthropicMessage } from './to-anthropic-message.js';

/** A backstop: every call has a deadline of its own, and the SDK's covers only the time to the headers. */
const SDK_TIMEOUT_MS = 600_000;

/** The version that the SDK 1.12 sends to Anthropic. Set here too, so that ANTHROPIC_CUSTOM_HEADERS cannot change it. */
const OWN_VERSION = '2026-10-21';
/** The version that compatible hosts accept. */
const COMPATIBLE_VERSION = '2023-06-01';

/** Adapter for Anthropic and, with a `base_url`, for any host that implements its Messages API. */
export class AnthropicProvider implements LlmProvider {
  readonly name = 'anthropic';

  constructor(
    private readonly egress: ApiEgress,
    private readonly failures: FailureReader,
  ) {}

  async complete(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): Promise<Completion> {
    const body = {
      ...toAnthropicMessage(request, target.model, quirks),
      ...(quirks.streams && { stream: false as const }),
    };
    return collectCompletion(this.#receive(request, target, body));
  }

  stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Completion> {
    const body = { ...toAnthropicMessage(request, target.model, quirks), stream: true as const };
    return this.#receive(request, target, body);
  }

  #receive(
    request: CompletionRequest,
    target: LlmTarget,
    body: MessageCreateParams,
  ): AsyncGenerator<string, Completion> {
    const { signal, maxOutputTokens } = request;
    const endpoint = new CalledEndpoint(target, this.egress);
    const isStreamed = body.stream === true;
    const client = this.clientFor(target, { maxOutputTokens, endpoint, isStreamed });
    const send = (sent: AbortSignal): Promise<Response> =>
      client.messages.create(body, { signal: sent }).asResponse();
    return receiveCompletion(
      send,
      anthropicReader,
      { target, signal, failures: this.failures, endpoint },
      request,
    );
  }

  /** A compatible host may have no route for models, or list only some of them: then the model itself generates one token. */
  async verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    const isAnthropic = isAtVendor(target);
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = this.clientFor(target, { ...ONE_TOKEN_ANSWER, endpoint });
    try {
      const answer = await client.models.retrieve(target.model, {}, { signal });
      if (namesModel(asJson(answer))) return 'model';
      if (isAnthropic) throw noCompletionError(target);
    } catch (error) {
      const failure = toLlmError(error, { target, signal, failures: this.failures, endpoint });
      const isAboutTheRoute =
        failure instanceof LlmError && NOT_TOLD.has(failure.provider?.status ?? 0);
      if (isAnthropic || !isAboutTheRoute) throw failure;
    }
    await this.complete(
      { system: '', turns: [{ role: 'user', content: 'Hi' }], maxOutputTokens: 1, signal },
      target,
      PLAIN_QUIRKS,
    );
    return 'model';
  }

  /**
   * Every option is given: the SDK reads missing ones from the environment. No option disables ANTHROPIC_CUSTOM_HEADERS,
   * so each header that the egress lets out is set here.
   */
  private clientFor(target: LlmTarget, expected: ExpectedAnswer): AnthropicClient {
    const apiKey = target.key.reveal();
    const credentials = isAtVendor(target)
      ? { authorization: `Bearer ${apiKey}`, 'x-api-key': null, 'anthropic-version': OWN_VERSION }
      : { authorization: null, 'x-api-key': apiKey, 'anthropic-version': COMPATIBLE_VERSION };
    return new AnthropicClient({
      apiKey,
      baseURL: anthropicBaseUrl(addressOfTarget(target) ?? ''),
      webhookKey: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      openTelemetry: false,
      fetch: boundedFetch(this.egress, expected),
      defaultHeaders: {
        accept: 'application/json',
        'user-agent': 'aurra',
        ...credentials,
      },
    });
  }
}

/** The SDK appends `/v1/messages`, so every part of that is removed. */
export function anthropicBaseUrl(given: string): string {
  return withoutSlash(given).replace(/(\/v1)?\/messages$|\/v1$/, '');
}

/** The SDK drops the body of a failed answer that is not JSON, such as a proxy's. It is kept here, as the error's `error`. */
class AnthropicClient extends Anthropic {
  protected override makeStatusError(
    status: number,
    body: object | undefined,
    text: string | undefined,
    headers: Headers,
  ): APIError {
    const error = super.makeStatusError(status, body as object, text, headers);
    return body === undefined ? Object.assign(error, { error: text }) : error;
  }
}

/** Statuses of a host without a route for models, or with one that is forbidden to this key. */
const NOT_TOLD: ReadonlySet<number> = new Set([403, 404, 405, 501]);

const namesModel = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string';
