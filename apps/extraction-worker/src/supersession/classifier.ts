import { AppError, type ErrorCode, failureOf } from '@app/errors';
import { describeUnexpected, type RefusedKeys } from '@app/jobs';
import { CLASSIFIER_TIMEOUT_MS } from '@app/jobs/policy';
import { addTokens, type ModelAccount, scrubberFor, type Usage } from '@app/llm-providers';
import type { Compared, AccountSpending, SeenMemory } from '@app/memory';
import { countSpent } from '@app/observability';
import { Logger } from '@nestjs/common';

import { classifyPairPrompt, type ShownFact } from './classify-pair.prompt.js';
import { classificationSchema, readClassification } from './read-classification.js';

const MAX_OUTPUT_TOKENS = 2_048;

/** What is wrong with one fact's call, and need not be with the next. */
const OF_ONE_CALL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'llm_invalid_output',
  'llm_content_filtered',
  'llm_context_length_exceeded',
]);

/** The model calls that compare one write's facts. A call that fails costs its verdicts and nothing else. */
export class Classifier {
  readonly #logger = new Logger('Classifier');
  readonly #deadline = AbortSignal.timeout(CLASSIFIER_TIMEOUT_MS);
  #givenUp = false;
  #llmCalls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };

  /** @param refusalsUnder of a caller's own key: under which name it is counted, should it be refused. */
  constructor(
    private readonly account: ModelAccount,
    private readonly refusedKeys: RefusedKeys,
    private readonly refusalsUnder: string | undefined,
  ) {}

  get spent(): AccountSpending {
    return { owner: this.account.owner, llmCalls: this.#llmCalls, usage: this.#usage };
  }

  /** Undefined: it cannot be said. @throws only what `signal` was aborted with. */
  async compare(
    fact: ShownFact,
    candidates: readonly SeenMemory[],
    signal: AbortSignal,
  ): Promise<Compared | undefined> {
    if (this.#givenUp) return undefined;
    try {
      return await this.#guarded(() => this.#ask(fact, candidates, signal));
    } catch (error) {
      signal.throwIfAborted();
      const code = this.#codeOf(error);
      // A host that is down, or a key that is refused, is so for the facts that follow.
      if (!OF_ONE_CALL.has(code)) this.#givenUp = true;
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
    return this.account.owner === 'caller' && this.refusalsUnder !== undefined
      ? this.refusedKeys.guard(this.refusalsUnder, call)
      : call();
  }

  async #ask(
    fact: ShownFact,
    candidates: readonly SeenMemory[],
    signal: AbortSignal,
  ): Promise<Compared> {
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
