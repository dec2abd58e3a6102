import type { LlmTarget } from '@app/caller-keys';
import type { Egress } from '@app/egress';
import type { z } from 'zod';

import { withoutFrame } from './answers/answer-frame.js';
import { jsonOfText } from './answers/json-in-text.js';
import { type ReadObject, readObject } from './answers/read-object.js';
import { collectCompletion } from './answers/receive-completion.js';
import { opensInThought, withoutThoughts } from './answers/thoughts.js';
import { scrubberFor } from './boundary/scrub.js';
import { storableText } from './boundary/storable-text.js';
import { emptyAnswerError, requireWhole, unusableAnswerError } from './errors/to-llm-error.js';
import { strictJsonSchema } from './json-schema.js';
import { callWithLadder } from './ladder/call-with-ladder.js';
import { GenerationState } from './ladder/generation-state.js';
import {
  moreTokensFor,
  outputTokensFor,
  refusesMoreTokens,
  wasSpentOnThoughts,
} from './ladder/output-limit.js';
import { QuirkStore } from './ladder/quirk-store.js';
import { LlmClient, type Prompt, type GenerationSpending } from './llm-client.js';
import type { Completion, CompletionRequest, JsonShape, VerifiedPart } from './llm-provider.js';
import { describeShape } from './place-prompt.js';
import { type ProviderLookup, providersOn } from './providers.js';
import { streamText } from './text-stream.js';

/** A completion, and the limit that its call sent. */
interface LimitedCompletion extends Completion {
  readonly maxOutputTokens: number;
}

export interface ProviderLlmClientOptions {
  readonly egress: Egress;
  /** Timeout of each call to a provider, its body included. */
  readonly timeoutMs: number;
  readonly quirkStore?: QuirkStore;
}

/** Model calls over the providers' APIs. Answers and errors are scrubbed of the target's key. */
export class ProviderLlmClient extends LlmClient {
  readonly #providers: ProviderLookup;
  readonly #timeoutMs: number;
  readonly #quirks: QuirkStore;

  constructor({ egress, timeoutMs, quirkStore = new QuirkStore() }: ProviderLlmClientOptions) {
    super();
    this.#providers = providersOn(egress);
    this.#timeoutMs = timeoutMs;
    this.#quirks = quirkStore;
  }

  /** @throws LlmError `llm_invalid_output` if the second answer cannot be used either, else the provider's failure. */
  async generateObject<Schema extends z.ZodType>(
    {
      schema,
      shapeName,
      ...prompt
    }: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly value: z.output<Schema> }> {
    const shape: JsonShape = { name: shapeName, schema: strictJsonSchema(schema) };
    const generation = new GenerationState(prompt.onSpent);
    const scrub = scrubberFor(target.key);
    const ask = async (
      turns: Prompt['turns'],
    ): Promise<ReadObject<z.output<Schema>> & { readonly text: string }> => {
      const request = { ...prompt, turns, shape };
      const answer = await this.#whole(request, target, generation, ({ text, toolCalls }) =>
        [text, ...toolCalls].some((given) => schema.safeParse(jsonOfText(given)).success),
      );
      const text = answer.text.trim() === '' ? answer.toolCalls.join('\n') : answer.text;
      return { ...(await readObject(answer, { schema, shape }, scrub)), text };
    };

    const first = await ask(prompt.turns);
    if ('value' in first) return { value: first.value, ...generation.spent };
    const second = await ask([
      ...prompt.turns,
      // Providers refuse an empty turn.
      { role: 'assistant', content: first.text.trim() || '(no answer)' },
      {
        role: 'user',
        content: `That answer cannot be used:\n${first.fault}\n\n${describeShape(shape)}`,
      },
    ]);
    if (!('value' in second))
      throw unusableAnswerError(
        target,
        'The model’s answer did not match the requested schema, and neither did its second answer to a prompt that listed the faults.',
      );
    // The host may ignore the schema silently, so later calls also describe it in the prompt. The schema parameter stays:
    // one bad answer must not remove it for every other caller of this model.
    if (!first.sawJson) this.#quirks.learn(target, { tellsShape: true });
    return { value: second.value, ...generation.spent };
  }

  /** @throws LlmError `llm_invalid_output` if the answer is empty or cut off twice, else the provider's failure. */
  async generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly text: string }> {
    const generation = new GenerationState(prompt.onSpent);
    const answer = (await this.#whole(prompt, target, generation)).text;
    const text = withoutFrame(withoutThoughts(answer));
    if (opensInThought(answer)) this.#quirks.learn(target, { opensInThought: true });
    if (text.trim() === '') throw emptyAnswerError(target);
    return { text: scrubberFor(target.key).text(storableText(text)), ...generation.spent };
  }

  override streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, GenerationSpending & { readonly text: string }> {
    const provider = this.#providers(target.provider);
    return streamText(
      { provider, target, known: this.#quirks, timeoutMs: this.#timeoutMs },
      prompt,
    );
  }

  /** Asks the provider whether key and model are valid. @throws LlmError */
  async verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    return this.#withDeadline(signal, (deadline) =>
      this.#providers(target.provider).verify(target, deadline),
    );
  }

  /**
   * Returns a whole answer. After a cut answer it calls once more, with a higher limit. A cut answer counts as whole if
   * `isComplete` finds a complete value in it.
   * @throws LlmError for an answer that is still cut off, or that was withheld
   */
  async #whole(
    request: CompletionRequest,
    target: LlmTarget,
    generation: GenerationState,
    isComplete: (completion: Completion) => boolean = () => false,
  ): Promise<Completion> {
    const first = await this.#callWithLadder(request, target, generation);
    // Some models fill the rest of their limit with blank lines after the value.
    if (first.stop === 'length' && endsInSpace(first.text) && isComplete(first)) return first;
    const completion =
      first.stop === 'length'
        ? await this.#withMoreRoom(first, request, target, generation)
        : first;
    // The answer is still cut off, but after a complete value: a higher limit would change nothing.
    if (completion.stop === 'length' && isComplete(completion)) return completion;
    requireWhole(completion.stop, target, completion.maxOutputTokens);
    return completion;
  }

  /** Calls again with a higher limit. Returns the cut answer itself if the host allows no more tokens. */
  async #withMoreRoom(
    cut: LimitedCompletion,
    request: CompletionRequest,
    target: LlmTarget,
    generation: GenerationState,
  ): Promise<LimitedCompletion> {
    const quirks = generation.nextQuirks ?? this.#quirks.get(target);
    const extraOutputTokens = moreTokensFor(cut, request.maxOutputTokens);
    const raised = { ...quirks, extraOutputTokens };
    if (outputTokensFor(request, raised) <= cut.maxOutputTokens) return cut;
    generation.continueWith(raised);
    const completion = await this.#callWithLadder(
      request,
      target,
      generation,
      cut.maxOutputTokens,
    ).catch(keepCutAnswer(cut));
    // A reasoning model needs the higher limit for later calls too.
    if (completion !== cut && wasSpentOnThoughts(cut))
      this.#quirks.learn(target, { extraOutputTokens });
    return completion;
  }

  async #callWithLadder(
    request: CompletionRequest,
    target: LlmTarget,
    generation: GenerationState,
    moreThanTokens?: number,
  ): Promise<LimitedCompletion> {
    const provider = this.#providers(target.provider);
    const ladder = {
      target,
      known: this.#quirks,
      generation,
      request,
      streamed: false,
      moreThanTokens,
    };
    return callWithLadder(ladder, async (quirks, limited) => {
      const completion = await this.#withDeadline(limited.signal, (signal) =>
        quirks.mustStream === true
          ? collectCompletion(provider.stream({ ...limited, signal }, target, quirks))
          : provider.complete({ ...limited, signal }, target, quirks),
      );
      generation.addUsage(completion.usage);
      return { ...completion, maxOutputTokens: limited.maxOutputTokens };
    });
  }

  /** The SDKs' own timeout ends with the headers; this one covers the body. After an abort, the signal's reason is thrown. */
  async #withDeadline<Result>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    try {
      return await call(AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

const endsInSpace = (text: string): boolean => text !== text.trimEnd();

/** If the host refuses the raised limit, return the first, cut answer. */
function keepCutAnswer(first: LimitedCompletion): (error: unknown) => LimitedCompletion {
  return (error) => {
    if (refusesMoreTokens(error)) return first;
    throw error;
  };
}
