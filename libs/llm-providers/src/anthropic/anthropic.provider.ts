import type { LlmTarget } from '@app/caller-keys';
import type { Egress } from '@app/egress';

import { ANTHROPIC_BASE_URL, anthropicBaseUrl, isAt } from '../base-url.js';
import { parseBounded } from '../boundary/bounded-json.js';
import {
  A_TOKEN,
  boundedFetch,
  type ExpectedAnswer,
  streamOf,
  wholeOf,
} from '../boundary/bounded-fetch.js';
import { CalledEndpoint } from '../boundary/called-endpoint.js';
import { serverEvents } from '../boundary/server-events.js';
import { TextAllowance } from '../boundary/unreadable-answer.js';
import { LlmError } from '../llm.error.js';
import type {
  Completion,
  CompletionRequest,
  LlmProvider,
  Quirks,
  StopReason,
  Usage,
  Verified,
} from '../llm-provider.js';
import { asJson, holdsError, isOfAnotherKind, wholeAnswerIn } from '../loose-answer.js';
import { readFailure } from '../provider-failure.js';
import { PLAIN_QUIRKS } from '../quirk-store.js';
import { cutOff, fromAnswer, ofAnotherKind, toLlmError, unreadable } from '../to-llm-error.js';
import { AnthropicClient } from './anthropic-client.js';
import { classifyAnthropicFailure as classify } from './classify-anthropic-failure.js';
import { readAnthropicAnswer, readAnthropicEvent } from './read-anthropic-answer.js';
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
    const body = {
      ...toAnthropicMessage(request, target.model, quirks),
      ...(quirks.streams && { stream: false as const }),
    };
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = this.clientFor(target, { ...wholeOf(request), endpoint });
    try {
      const answer: unknown = await client.messages.create(body, { signal });
      const completion = readWhole({ target, endpoint }, asJson(answer), new Headers());
      new TextAllowance(request.maxOutputTokens).take(completion.text);
      return completion;
    } catch (error) {
      throw toLlmError(error, { target, signal, classify, endpoint });
    }
  }

  async *stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Omit<Completion, 'text'>> {
    const { signal } = request;
    let stop: StopReason | undefined;
    let usage: Usage = { inputTokens: 0, outputTokens: 0 };
    let hasEvents = false;
    const allowance = new TextAllowance(request.maxOutputTokens);
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = this.clientFor(target, { ...streamOf(request), endpoint });
    const body = { ...toAnthropicMessage(request, target.model, quirks), stream: true as const };
    try {
      const response = await client.messages.create(body, { signal }).asResponse();
      const whole = await wholeAnswerIn(response);
      if (whole !== undefined) {
        const { text, ...end } = readWhole({ target, endpoint }, whole, response.headers);
        allowance.take(text);
        if (text !== '') yield text;
        return end;
      }
      for await (const { data } of serverEvents(response.body)) {
        hasEvents = true;
        if (data === '') continue;
        const event = parseBounded(data);
        if (holdsError(event))
          throw fromAnswer(readFailure(event, null, response.headers), {
            target,
            classify,
            endpoint,
          });
        const read = readAnthropicEvent(event);
        stop = read.stop ?? stop;
        usage = { ...usage, ...read.usage };
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

  /** A compatible host may have no models to ask for, or not tell of all: then a token is asked of the model itself. */
  async verify(target: LlmTarget, signal: AbortSignal): Promise<Verified> {
    const isAnthropic = isAt(target.baseUrl, ANTHROPIC_BASE_URL);
    const endpoint = new CalledEndpoint(target, this.egress);
    const client = this.clientFor(target, { ...A_TOKEN, endpoint });
    try {
      const answer = await client.models.retrieve(target.model, {}, { signal });
      if (namesModel(asJson(answer))) return 'model';
      if (isAnthropic) throw unreadable(target);
    } catch (error) {
      const failure = toLlmError(error, { target, signal, classify, endpoint });
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
   * Every option is given: what the SDK is not told, it reads from the environment. ANTHROPIC_CUSTOM_HEADERS is silenced
   * by no option, so each header that the egress lets out is named here.
   */
  private clientFor(
    { key, baseUrl = ANTHROPIC_BASE_URL }: LlmTarget,
    expected: ExpectedAnswer,
  ): AnthropicClient {
    const apiKey = key.reveal();
    const credentials = isAt(baseUrl, ANTHROPIC_BASE_URL)
      ? { authorization: `Bearer ${apiKey}`, 'x-api-key': null, 'anthropic-version': OWN_VERSION }
      : { authorization: null, 'x-api-key': apiKey, 'anthropic-version': COMPATIBLE_VERSION };
    return new AnthropicClient({
      apiKey,
      baseURL: anthropicBaseUrl(baseUrl),
      webhookKey: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      openTelemetry: false,
      fetch: boundedFetch(this.egress.fetch, expected),
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

/** What a host without a route for models answers, or one that keeps it from this key. */
const NOT_TOLD: ReadonlySet<number> = new Set([403, 404, 405, 501]);

const namesModel = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string';

function readWhole(
  { target, endpoint }: { readonly target: LlmTarget; readonly endpoint: CalledEndpoint },
  answer: unknown,
  headers: Headers,
): Completion {
  if (holdsError(answer))
    throw fromAnswer(readFailure(answer, 200, headers), { target, classify, endpoint });
  if (isOfAnotherKind(answer, ['content', 'stop_reason'])) throw ofAnotherKind(target, endpoint);
  const completion = readAnthropicAnswer(answer);
  if (!completion) throw unreadable(target);
  return completion;
}
