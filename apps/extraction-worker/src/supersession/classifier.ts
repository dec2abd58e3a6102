import { AppError, type ErrorCode, failureOf } from '@app/errors';
import { describeUnexpected, type RefusedKeys } from '@app/jobs';
import { CLASSIFIER_TIMEOUT_MS } from '@app/jobs/policy';
import { addTokens, type ModelAccount, scrubberFor, type Usage } from '@app/llm-providers';
import type { ClassifiedFact, AccountSpending, SeenMemory } from '@app/memory';
import { countSpent } from '@app/observability';
import { Logger } from '@nestjs/common';

import { classifyPairPrompt, type ShownFact } from './classify-pair.prompt.js';
import { classificationSchema, readClassification } from './read-classification.js';

const MAX_OUTPUT_TOKENS = 2_048;

/** Failures that concern one fact only, so the next fact is still classified. */
const FAILURES_OF_ONE_FACT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'llm_invalid_output',
  'llm_content_filtered',
  'llm_context_length_exceeded',
]);

/** Makes the model calls that compare one write's facts. A failed call loses its verdicts, and the write still succeeds. */
export class Classifier {
  readonly #logger = new Logger('Classifier');
  readonly #deadline = AbortSignal.timeout(CLASSIFIER_TIMEOUT_MS);
  #hasGivenUp = false;
  #llmCalls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };

  /** @param refusalBucket counter of rejected provider keys, for a caller's own key. */
  constructor(
    private readonly account: ModelAccount,
    private readonly refusedKeys: RefusedKeys,
    private readonly refusalBucket: string | undefined,
  ) {}

  get spent(): AccountSpending {
    return { owner: this.account.owner, llmCalls: this.#llmCalls, usage: this.#usage };
  }

  /** @returns undefined when the call failed. @throws only the reason of an aborted `signal`. */
  async compare(
    fact: ShownFact,
    candidates: readonly SeenMemory[],
    signal: AbortSignal,
  ): Promise<ClassifiedFact | undefined> {
    if (this.#hasGivenUp) return undefined;
    try {
      return await this.#guarded(() => this.#ask(fact, candidates, signal));
    } catch (error) {
      signal.throwIfAborted();
      const code = this.#codeOf(error);
      // A host that is down or a rejected key would fail the calls for the next facts too.
      if (!FAILURES_OF_ONE_FACT.has(code)) this.#hasGivenUp = true;
      this.#logger.warn(`A new fact was not classified: ${code}.`);
      return undefined;
    }
  }

  #codeOf(error: unknown): ErrorCode {
    if (this.#deadline.aborted) return 'llm_unavailable';
    if (!(error instanceof AppError)) this.#logger.error(describeUnexpected(error));
    return failureOf(error).code;
  }

  #guarded<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.account.owner === 'caller' && this.refusalBucket !== undefined
      ? this.refusedKeys.guard(this.refusalBucket, call)
      : call();
  }

  async #ask(
    fact: ShownFact,
    candidates: readonly SeenMemory[],
    signal: AbortSignal,
  ): Promise<ClassifiedFact> {
    const { client, target, owner } = this.account;
    const shown = candidates.map(({ memory, version }) => ({
      ...memory,
      validFrom: version.validFrom,
    }));
    const { value, llmCalls, usage } = await client.generateObject(
      {
        ...classifyPairPrompt(fact, shown),
        shapeName: 'classification',
        schema: classificationSchema(candidates.length),
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        signal: AbortSignal.any([signal, this.#deadline]),
      },
      target,
    );
    countSpent({ provider: target.provider, account: owner }, { llmCalls, usage });
    this.#llmCalls += llmCalls;
    this.#usage = {
      inputTokens: addTokens(this.#usage.inputTokens, usage.inputTokens),
      outputTokens: addTokens(this.#usage.outputTokens, usage.outputTokens),
    };
    const scrubber = scrubberFor(target.key);
    return readClassification(
      value,
      shown.map(({ id, validFrom }) => ({ memoryId: id, validFrom })),
      target.model,
      (text) => scrubber.text(text),
    );
  }
}
