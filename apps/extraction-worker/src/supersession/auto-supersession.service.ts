import { AppError } from '@app/errors';
import { RefusedKeys } from '@app/jobs';
import { addTokens, cutText, type ModelAccount } from '@app/llm-providers';
import {
  type CandidateFact,
  type Comparison,
  type ExtractedFacts,
  fold,
  isExcluded,
  MemoryIndex,
  type AccountSpending,
  type Scope,
  type SeenMemory,
  type SkippedReason,
  type SupersessionPolicy,
  SupersessionStore,
  validFromOf,
  type WriteClaim,
} from '@app/memory';
import { Injectable, Logger } from '@nestjs/common';

import { mapInParallel } from '../extraction/in-parallel.js';
import { Classifier } from './classifier.js';

/** Facts of one write that are compared. The others are stored uncompared. */
const MAX_FACTS_COMPARED = 20;
const FACTS_AT_ONCE = 5;

const MAX_CANDIDATES = 5;
/** More memories are retrieved than compared, because `findCandidates` leaves some of them out. */
const MAX_RETRIEVED = 15;
/** The beginning of a long fact is enough to find similar memories. */
const MAX_QUESTION_CHARACTERS = 2_000;

const NOT_COMPARED = 'classifier_unavailable';

export interface ClassifierChoice {
  /** The account that pays for the comparison, or the reason why nothing is compared. */
  readonly account: ModelAccount | SkippedReason;
  /** Counter of rejected provider keys, for a caller's own key. */
  readonly refusalBucket: string | undefined;
}

interface ComparisonContext {
  readonly policy: SupersessionPolicy;
  readonly classifier: Classifier;
  readonly orSkipped: <Result>(search: Promise<Result>) => Promise<Result | typeof NOT_COMPARED>;
}

/** Compares the new facts of a write with the account's current memories. It only collects verdicts, and stores nothing. */
@Injectable()
export class AutoSupersessionService {
  readonly #logger = new Logger('AutoSupersessionService');

  constructor(
    private readonly index: MemoryIndex,
    private readonly store: SupersessionStore,
    private readonly refusedKeys: RefusedKeys,
  ) {}

  /**
   * If a model has found the facts and the store then refuses a search (too many at once, too slow), only the comparison is
   * skipped, because a retry would pay for the extraction again.
   * @throws the reason of an aborted `signal`. Facts that cost no model call: also AppError `unavailable` or `rate_limited`.
   */
  async compare(
    claim: WriteClaim,
    found: ExtractedFacts,
    { account, refusalBucket }: ClassifierChoice,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const { supersession: policy } = claim.request;
    if (policy === null) return found;
    if (typeof account === 'string') return uncomparedAs(account, found, policy);
    const isPaidFor = found.llmCalls > 0;
    const orSkipped = <Result>(search: Promise<Result>) =>
      isPaidFor ? this.#unlessRefused(search, signal) : search;
    const skips = await orSkipped(this.#skipsOf(claim, found.facts, policy));
    if (skips === NOT_COMPARED) return uncomparedAs(skips, found, policy);
    const classifier = new Classifier(account, this.refusedKeys, refusalBucket);
    const comparisons = await mapInParallel(
      found.facts.map((fact, at) => ({ fact, skipped: skips[at] })),
      FACTS_AT_ONCE,
      async ({ fact, skipped }, stop): Promise<Comparison> =>
        skipped === undefined
          ? this.#compareOne(claim, fact, { policy, classifier, orSkipped }, stop)
          : { skipped },
      signal,
    );
    return { ...found, comparisons, spent: addSpending(found.spent, classifier.spent) };
  }

  /** For each fact, in order: why it is not compared, as far as that is known without a model. Undefined: compare it. */
  async #skipsOf(
    { asker, request }: WriteClaim,
    facts: readonly CandidateFact[],
    policy: SupersessionPolicy,
  ): Promise<readonly (SkippedReason | undefined)[]> {
    const texts = facts.map(({ text }) => text);
    const scope = { ...asker, tenantId: request.tenantId, source: request.source };
    const standing = await this.store.findDuplicates(scope, texts);
    const firstOf = new Map<string, number>();
    const firsts = texts.map((text, at) => {
      const folded = fold(text);
      if (!firstOf.has(folded)) firstOf.set(folded, at);
      return firstOf.get(folded) ?? at;
    });
    let compared = 0;
    return facts.map((fact, at): SkippedReason | undefined => {
      if (isExcluded(fact, policy)) return 'excluded_category';
      // The fact is a duplicate, so it will not be stored.
      if (standing.has(at) || (firsts[at] ?? at) < at) return 'no_candidates';
      compared += 1;
      return compared > MAX_FACTS_COMPARED ? 'classifier_unavailable' : undefined;
    });
  }

  async #compareOne(
    { asker, request }: WriteClaim,
    fact: CandidateFact,
    { policy, classifier, orSkipped }: ComparisonContext,
    signal: AbortSignal,
  ): Promise<Comparison> {
    const scope = { accountId: asker.accountId, tenantId: request.tenantId };
    const candidates = await orSkipped(findCandidates(this.index, scope, fact, policy));
    if (typeof candidates === 'string') return { skipped: candidates };
    const shown = { ...fact, validFrom: validFromOf(fact, request, new Date()) };
    const compared = await classifier.compare(shown, candidates, signal);
    return compared ?? { skipped: NOT_COMPARED };
  }

  async #unlessRefused<Result>(
    search: Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result | typeof NOT_COMPARED> {
    try {
      return await search;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      this.#logger.warn(`New facts were not compared: ${error.code}.`);
      return NOT_COMPARED;
    }
  }
}

function uncomparedAs(
  reason: SkippedReason,
  found: ExtractedFacts,
  policy: SupersessionPolicy,
): ExtractedFacts {
  const comparisons = found.facts.map((fact) => ({
    skipped: isExcluded(fact, policy) ? ('excluded_category' as const) : reason,
  }));
  return { ...found, comparisons };
}

/**
 * Finds the most similar current memories of the tenant, from any source, because a fact from one source may supersede a
 * fact from another. Memories of an excluded category and memories with the same text are left out.
 */
async function findCandidates(
  index: MemoryIndex,
  scope: Scope,
  fact: CandidateFact,
  policy: SupersessionPolicy,
): Promise<readonly SeenMemory[] | 'excluded_category' | 'no_candidates'> {
  const { hits } = await index.retrieve({
    question: cutText(fact.text, MAX_QUESTION_CHARACTERS),
    scope,
    filter: {},
    moment: {},
    limit: MAX_RETRIEVED,
  });
  const similar = hits
    // If no memory shares a word with the fact, the index returns the newest memories with similarity 0.
    .filter(({ similarity, seen }) => similarity > 0 && fold(seen.memory.text) !== fold(fact.text))
    .map(({ seen }) => seen);
  const allowed = similar.filter(({ memory }) => !isExcluded(memory, policy));
  if (allowed.length > 0) return allowed.slice(0, MAX_CANDIDATES);
  return similar.length > 0 ? 'excluded_category' : 'no_candidates';
}

/** Keeps one entry for each owner: a write may be extracted on the caller's account and classified on the bundled account. */
export function addSpending(
  spent: readonly AccountSpending[],
  more: AccountSpending,
): readonly AccountSpending[] {
  if (more.llmCalls === 0) return spent;
  const known = spent.find(({ owner }) => owner === more.owner);
  if (known === undefined) return [...spent, more];
  const sum = {
    owner: known.owner,
    llmCalls: known.llmCalls + more.llmCalls,
    usage: {
      inputTokens: addTokens(known.usage.inputTokens, more.usage.inputTokens),
      outputTokens: addTokens(known.usage.outputTokens, more.usage.outputTokens),
    },
  };
  return spent.map((one) => (one === known ? sum : one));
}
