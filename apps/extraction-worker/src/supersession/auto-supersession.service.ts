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
  type OwnersSpending,
  type Scope,
  type SeenMemory,
  type SkippedReason,
  type SupersessionPolicy,
  SupersessionStore,
  validFromOf,
  type WriteClaim,
} from '@app/memory';
import { Injectable, Logger } from '@nestjs/common';

import { inParallel } from '../extraction/in-parallel.js';
import { Classifier } from './classifier.js';

/** The rest of a write's facts are stored without being compared. */
const MOST_FACTS = 20;
const FACTS_AT_ONCE = 5;

const MOST_CANDIDATES = 5;
/** Some of what is found may not be compared: others then take its place. */
const MOST_FOUND = 15;
/** Enough words to find what is alike; a fact may be as long as a letter. */
const MOST_QUESTION_CHARACTERS = 2_000;

const NOT_COMPARED = 'classifier_unavailable';

/** Who may classify, or why nobody does; and under which name a refusal of the caller's key is counted. */
export interface ClassifierChoice {
  readonly account: ModelAccount | SkippedReason;
  readonly refusalsUnder: string | undefined;
}

interface ComparisonMeans {
  readonly policy: SupersessionPolicy;
  readonly classifier: Classifier;
  readonly orSkipped: <Found>(searching: Promise<Found>) => Promise<Found | typeof NOT_COMPARED>;
}

/** Compares the new facts of a write with those that stand. Decides nothing and stores nothing. */
@Injectable()
export class AutoSupersessionService {
  readonly #logger = new Logger('AutoSupersessionService');

  constructor(
    private readonly index: MemoryIndex,
    private readonly standing: SupersessionStore,
    private readonly refusedKeys: RefusedKeys,
  ) {}

  /**
   * Where a model found the facts, a search that the store refuses (too many at once, too slow) costs the comparison alone:
   * a job that is run again asks the model again.
   * @throws what `signal` was aborted with, and for facts that cost nothing AppError `unavailable` or `rate_limited`.
   */
  async compare(
    claim: WriteClaim,
    found: ExtractedFacts,
    { account, refusalsUnder }: ClassifierChoice,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const { supersession: policy } = claim.request;
    if (policy === null) return found;
    if (typeof account === 'string') return uncomparedAs(account, found, policy);
    const isPaidFor = found.llmCalls > 0;
    const orSkipped = <Found>(searching: Promise<Found>) =>
      isPaidFor ? this.#unlessRefused(searching, signal) : searching;
    const skips = await orSkipped(this.#skipsOf(claim, found.facts, policy));
    if (skips === NOT_COMPARED) return uncomparedAs(skips, found, policy);
    const classifier = new Classifier(account, this.refusedKeys, refusalsUnder);
    const comparisons = await inParallel(
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

  /** Why a fact is not compared, before any model is asked, in their order; undefined where it is to be. */
  async #skipsOf(
    { asker, request }: WriteClaim,
    facts: readonly CandidateFact[],
    policy: SupersessionPolicy,
  ): Promise<readonly (SkippedReason | undefined)[]> {
    const texts = facts.map(({ text }) => text);
    const place = { ...asker, tenantId: request.tenantId, source: request.source };
    const standing = await this.standing.findStanding(place, texts);
    const firstOf = new Map<string, number>();
    const firsts = texts.map((text, at) => {
      const folded = fold(text);
      if (!firstOf.has(folded)) firstOf.set(folded, at);
      return firstOf.get(folded) ?? at;
    });
    let compared = 0;
    return facts.map((fact, at): SkippedReason | undefined => {
      if (isExcluded(fact, policy)) return 'excluded_category';
      // Nothing new: it will not be stored.
      if (standing.has(at) || (firsts[at] ?? at) < at) return 'no_candidates';
      compared += 1;
      return compared > MOST_FACTS ? 'classifier_unavailable' : undefined;
    });
  }

  async #compareOne(
    { asker, request }: WriteClaim,
    fact: CandidateFact,
    { policy, classifier, orSkipped }: ComparisonMeans,
    signal: AbortSignal,
  ): Promise<Comparison> {
    const scope = { accountId: asker.accountId, tenantId: request.tenantId };
    const candidates = await orSkipped(findCandidates(this.index, scope, fact, policy));
    if (typeof candidates === 'string') return { skipped: candidates };
    const shown = { ...fact, validFrom: validFromOf(fact, request, new Date()) };
    const compared = await classifier.compare(shown, candidates, signal);
    return compared ?? { skipped: NOT_COMPARED };
  }

  async #unlessRefused<Found>(
    searching: Promise<Found>,
    signal: AbortSignal,
  ): Promise<Found | typeof NOT_COMPARED> {
    try {
      return await searching;
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
 * The most similar current facts of the tenant, whatever source they came from: what was learned in one place may end what
 * was learned in another. What no model may supersede is not shown to one; the same words say nothing new.
 */
async function findCandidates(
  index: MemoryIndex,
  scope: Scope,
  fact: CandidateFact,
  policy: SupersessionPolicy,
): Promise<readonly SeenMemory[] | 'excluded_category' | 'no_candidates'> {
  const { hits } = await index.retrieve({
    question: cutText(fact.text, MOST_QUESTION_CHARACTERS),
    scope,
    filter: {},
    moment: {},
    limit: MOST_FOUND,
  });
  const alike = hits
    // Without a word in common the index gives the newest, which is no likeness.
    .filter(({ similarity, seen }) => similarity > 0 && fold(seen.memory.text) !== fold(fact.text))
    .map(({ seen }) => seen);
  const allowed = alike.filter(({ memory }) => !isExcluded(memory, policy));
  if (allowed.length > 0) return allowed.slice(0, MOST_CANDIDATES);
  return alike.length > 0 ? 'excluded_category' : 'no_candidates';
}

/** One entry for each owner: a write may be extracted on its caller's account and classified on ours. */
export function addSpending(
  spent: readonly OwnersSpending[],
  more: OwnersSpending,
): readonly OwnersSpending[] {
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
