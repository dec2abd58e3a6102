import type { LlmTarget } from '@app/caller-keys';
import type { Egress } from '@app/egress';
import type { z } from 'zod';

import { describeShape } from './describe-shape.js';
import { strictJsonSchema } from './json-schema.js';
import { stepDown } from './ladder.js';
import { LlmClient, type Prompt, type Spent } from './llm-client.js';
import { LlmError } from './llm.error.js';
import type { Completion, CompletionRequest, JsonShape, StopReason } from './llm-provider.js';
import { type ProviderRegistry, providersOn } from './provider-registry.js';
import { QuirkStore } from './quirk-store.js';
import { type ReadObject, readObject } from './read-object.js';
import { scrubberFor } from './scrub.js';

/** What the ladder may cost a caller beyond the call that was asked for. */
const MAX_EXTRA_CALLS = 2;
const MORE_TOKENS = 2;

const WITHHELD: Readonly<Partial<Record<StopReason, string>>> = {
  refused: 'The model refused to answer this prompt.',
  filtered: 'The provider’s content filter withheld the answer.',
};

export interface ProviderLlmClientOptions {
  readonly egress: Egress;
  /** For each call to a provider, its body included. */
  readonly timeoutMs: number;
  readonly quirkStore?: QuirkStore;
}

/** Model calls over the providers' APIs. What comes back is scrubbed of the target's key. */
export class ProviderLlmClient extends LlmClient {
  readonly #providers: ProviderRegistry;
  readonly #timeoutMs: number;
  readonly #quirks: QuirkStore;

  constructor({ egress, timeoutMs, quirkStore = new QuirkStore() }: ProviderLlmClientOptions) {
    super();
    this.#providers = providersOn(egress);
    this.#timeoutMs = timeoutMs;
    this.#quirks = quirkStore;
  }

  /** @throws LlmError `llm_invalid_output` when the second answer is no use either, else what the provider said. */
  async generateObject<Schema extends z.ZodType>(
    {
      schema,
      shapeName,
      ...prompt
    }: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<Spent & { readonly value: z.output<Schema> }> {
    const shape: JsonShape = { name: shapeName, schema: strictJsonSchema(schema) };
    const bill = new Bill();
    const scrub = scrubberFor(target.key);
    const ask = async (
      turns: Prompt['turns'],
    ): Promise<ReadObject<z.output<Schema>> & { readonly text: string }> => {
      const { text } = await this.#whole({ ...prompt, turns, shape }, target, bill);
      return { ...readObject(text, schema, scrub), text };
    };

    const first = await ask(prompt.turns);
    if ('value' in first) return { value: first.value, ...bill.spent };
    const second = await ask([
      ...prompt.turns,
      // An empty turn is refused by providers.
      { role: 'assistant', content: first.text.trim() || '(no answer)' },
      {
        role: 'user',
        content: `That answer cannot be used:\n${first.fault}\n\n${describeShape(shape)}`,
      },
    ]);
    if (!('value' in second))
      throw unusable(
        target,
        'The model gave no answer of the shape that was asked for, nor when told what was wrong.',
      );
    // A host that passes over a schema in silence: next time the model is told it at once.
    if (!first.sawJson)
      this.#quirks.learn(target, { ...this.#quirks.get(target), outputMode: 'prompt' });
    return { value: second.value, ...bill.spent };
  }

  /** @throws LlmError `llm_invalid_output` when the answer is empty or cut off twice, else what the provider said. */
  async generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<Spent & { readonly text: string }> {
    const bill = new Bill();
    const { text } = await this.#whole(prompt, target, bill);
    if (text.trim() === '') throw unusable(target, 'The model gave an empty answer.');
    return { text: scrubberFor(target.key).text(text), ...bill.spent };
  }

  /** Asks the provider whether key and model are good. @throws LlmError */
  async verify(target: LlmTarget, signal: AbortSignal): Promise<'key' | 'model'> {
    return this.#withDeadline(signal, (deadline) =>
      this.#providers[target.provider].verify(target, deadline),
    );
  }

  /** An answer that is neither cut off nor withheld. Asked once more, with more room, where the first one was cut off. */
  async #whole(request: CompletionRequest, target: LlmTarget, bill: Bill): Promise<Completion> {
    const first = await this.#overLadder(request, target, bill);
    const more = { ...request, maxOutputTokens: request.maxOutputTokens * MORE_TOKENS };
    const completion =
      first.stop === 'length'
        ? await this.#overLadder(more, target, bill).catch(keepCut(first))
        : first;
    const { stop } = completion;
    if (stop === 'length')
      throw unusable(
        target,
        `The model’s answer was cut off at ${more.maxOutputTokens} tokens, too few for the whole of it.`,
      );
    const withheld = WITHHELD[stop];
    if (withheld) throw new LlmError('llm_content_filtered', withheld, { provider: said(target) });
    return completion;
  }

  async #overLadder(
    request: CompletionRequest,
    target: LlmTarget,
    bill: Bill,
  ): Promise<Completion> {
    const provider = this.#providers[target.provider];
    let quirks = this.#quirks.get(target);
    for (let extra = 0; ; extra += 1) {
      try {
        bill.call();
        const completion = await this.#withDeadline(request.signal, (signal) =>
          provider.complete({ ...request, signal }, target, quirks),
        );
        bill.add(completion.usage);
        return completion;
      } catch (error) {
        if (!(error instanceof LlmError) || extra >= MAX_EXTRA_CALLS) throw error;
        const step = stepDown(error, quirks, target.provider, extra + 1 === MAX_EXTRA_CALLS);
        if (!step) throw error;
        ({ quirks } = step);
        if (step.lasting) this.#quirks.learn(target, quirks);
      }
    }
  }

  /** The SDKs' own timeout ends with the headers; this one covers the body. A caller's abort stays what it was. */
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

/** What every call of one generation has cost so far. */
class Bill {
  #calls = 0;
  #usage = { inputTokens: 0, outputTokens: 0 };

  call(): void {
    this.#calls += 1;
  }

  add({ inputTokens, outputTokens }: Completion['usage']): void {
    this.#usage = {
      inputTokens: this.#usage.inputTokens + inputTokens,
      outputTokens: this.#usage.outputTokens + outputTokens,
    };
  }

  get spent(): Spent {
    return { llmCalls: this.#calls, usage: this.#usage };
  }
}

/** A model that cannot write that much says so: then the answer that was cut off is what there is. */
function keepCut(first: Completion): (error: unknown) => Completion {
  return (error) => {
    if (error instanceof LlmError && error.code === 'llm_rejected_request') return first;
    throw error;
  };
}

const unusable = (target: LlmTarget, detail: string): LlmError =>
  new LlmError('llm_invalid_output', detail, { provider: said(target) });

const said = ({ provider, model }: LlmTarget): NonNullable<LlmError['provider']> => ({
  name: provider,
  model,
  status: 200,
  type: null,
  code: null,
  requestId: null,
});
