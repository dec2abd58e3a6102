import { Anthropic } from '@anthropic-ai/sdk';
import type { LlmTarget } from '@app/caller-keys';
import type { Egress } from '@app/egress';

import { ANTHROPIC_BASE_URL, anthropicBaseUrl, isAt } from '../base-url.js';
import { LlmError } from '../llm.error.js';
import type {
  Completion,
  CompletionRequest,
  LlmProvider,
  Quirks,
  StopReason,
  Usage,
} from '../llm-provider.js';
import { asJson, holdsError } from '../loose-answer.js';
import { readFailure } from '../provider-failure.js';
import { cutOff, fromAnswer, toLlmError, unreadable } from '../to-llm-error.js';
import { classifyAnthropicFailure as classify } from './classify-anthropic-failure.js';
import { anthropicStop, readAnthropicAnswer } from './read-anthropic-answer.js';
import { toAnthropicMessage } from './to-anthropic-message.js';

/** A backstop: every call has a deadline of its own, and the SDK's covers only the time to the headers. */
const SDK_TIMEOUT_MS = 600_000;

/** What the SDK 1.12 sends to Anthropic, said again so that ANTHROPIC_CUSTOM_HEADERS cannot change it. */
const OWN_VERSION = '2026-10-21';
/** What compatible hosts know. */
const COMPATIBLE_VERSION = '2023-06-01';

/** Anthropic, and with a base_url whoever speaks its Messages API. */
export class AnthropicProvider implements LlmProvider {
  readonly name = 'anthropic';

  constructor(private readonly egress: Egress) {}

  async complete(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): Promise<Completion> {
    const { signal } = request;
    const body = { ...toAnthropicMessage(request, target.model, quirks), stream: false as const };
    const answer: unknown = await this.clientFor(target)
      .messages.create(body, { signal })
      .catch((error: unknown) => {
        throw toLlmError(error, { target, signal, classify });
      });
    const read = asJson(answer);
    if (holdsError(read))
      throw fromAnswer(readFailure(read, 200, new Headers()), { target, classify });
    const completion = readAnthropicAnswer(read);
    if (!completion) throw unreadable(target);
    return completion;
  }

  async *stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Omit<Completion, 'text'>> {
    const { signal } = request;
    let stop: StopReason | undefined;
    let usage: Usage = { inputTokens: 0, outputTokens: 0 };
    try {
      const events = await this.clientFor(target).messages.create(
        { ...toAnthropicMessage(request, target.model, quirks), stream: true },
        { signal },
      );
      for await (const event of events) {
        if (event.type === 'message_start')
          usage = { ...usage, inputTokens: event.message.usage.input_tokens };
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
          yield event.delta.text;
        if (event.type !== 'message_delta') continue;
        usage = { ...usage, outputTokens: event.usage.output_tokens };
        if (event.delta.stop_reason) stop = anthropicStop(event.delta.stop_reason);
      }
      // The SDK ends an aborted stream without a word: a cut answer would look whole.
      signal.throwIfAborted();
    } catch (error) {
      throw toLlmError(error, { target, signal, classify });
    }
    if (stop === undefined) throw cutOff(target);
    return { stop, usage };
  }

  async verify(target: LlmTarget, signal: AbortSignal): Promise<'key' | 'model'> {
    try {
      await this.clientFor(target).models.retrieve(target.model, {}, { signal });
      return 'model';
    } catch (error) {
      const failure = toLlmError(error, { target, signal, classify });
      // A compatible host may have no models to ask for: then a token is asked of the model itself.
      const unasked =
        failure instanceof LlmError &&
        ['llm_endpoint_invalid', 'llm_model_invalid'].includes(failure.code) &&
        !isAt(target.baseUrl, ANTHROPIC_BASE_URL);
      if (!unasked) throw failure;
    }
    await this.complete(
      { system: '', turns: [{ role: 'user', content: 'Hi' }], maxOutputTokens: 1, signal },
      target,
      { outputMode: 'prompt', tokenLimit: 'max_tokens', sampling: false },
    );
    return 'model';
  }

  /**
   * Every option is given: what the SDK is not told, it reads from the environment. ANTHROPIC_CUSTOM_HEADERS is silenced
   * by no option, so each header that the egress lets out is named here.
   */
  private clientFor({ key, baseUrl = ANTHROPIC_BASE_URL }: LlmTarget): Anthropic {
    const apiKey = key.reveal();
    const credentials = isAt(baseUrl, ANTHROPIC_BASE_URL)
      ? { authorization: `Bearer ${apiKey}`, 'x-api-key': null, 'anthropic-version': OWN_VERSION }
      : { authorization: null, 'x-api-key': apiKey, 'anthropic-version': COMPATIBLE_VERSION };
    return new Anthropic({
      apiKey,
      baseURL: anthropicBaseUrl(baseUrl),
      webhookKey: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      openTelemetry: false,
      fetch: this.egress.fetch,
      defaultHeaders: {
        accept: 'application/json',
        'user-agent': 'aurra',
        'api-key': null,
        'anthropic-beta': null,
        ...credentials,
      },
    });
  }
}
