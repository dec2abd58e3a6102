import { fold } from '../memories/fold.js';
import type {
  Choice,
  Classification,
  ClassifiedFact,
  Comparison,
  Reason,
  SupersessionPolicy,
} from './comparison.js';

/** True when the policy excludes this category or topic from supersession by a model. */
export function isExcluded(
  { category, topic }: { readonly category: string; readonly topic: string },
  { excludedCategories }: Pick<SupersessionPolicy, 'excludedCategories'>,
): boolean {
  const excluded = new Set(excludedCategories.map(fold));
  return excluded.has(fold(category)) || excluded.has(fold(topic));
}

/** Checks the category that the classifier chose: it may differ from the extractor's. */
export function isExcludedOnSight(
  { category }: ClassifiedFact,
  policy: Pick<SupersessionPolicy, 'excludedCategories'>,
): boolean {
  return isExcluded({ category, topic: category }, policy);
}

/**
 * Chooses the one verdict that counts for a new fact: first a supersession that may be applied, then one that may not, then
 * a refinement. Within each group the highest confidence wins, then the most similar candidate. Undefined: all candidates
 * are independent. Precision matters more than recall: a wrong supersession silently hides a fact, and a caller can add a
 * missed supersession by hand.
 */
export function chooseSupersession(
  compared: ClassifiedFact,
  validFrom: Date,
  policy: SupersessionPolicy,
): Choice | undefined {
  const excluded = isExcludedOnSight(compared, policy);
  const judged = compared.classifications.flatMap((classification) => {
    const reason = reasonOf(classification, validFrom, excluded, policy);
    return reason === undefined ? [] : [{ ...classification, reason }];
  });
  const [best] = judged.toSorted(
    (one, other) => rankOf(one.reason) - rankOf(other.reason) || other.confidence - one.confidence,
  );
  return (
    best && {
      candidateId: best.memoryId,
      verdict: best.verdict,
      confidence: best.confidence,
      reason: best.reason,
    }
  );
}

function reasonOf(
  { verdict, confidence, validFrom }: Classification,
  newValidFrom: Date,
  excluded: boolean,
  { minConfidence }: SupersessionPolicy,
): Reason | undefined {
  if (verdict === 'independent') return undefined;
  if (verdict === 'refines') return 'refines';
  if (excluded) return 'excluded_category';
  // A fact that became true earlier, and was only reported later, does not end a newer one.
  if (validFrom > newValidFrom) return 'older_than_candidate';
  return confidence >= minConfidence ? 'applied' : 'below_min_confidence';
}

function rankOf(reason: Reason): number {
  if (reason === 'applied') return 0;
  return reason === 'refines' ? 2 : 1;
}

/** A new memory with its comparison. */
export interface ComparedMemory {
  readonly memoryId: string;
  readonly validFrom: Date;
  readonly comparison: Comparison;
}

/**
 * The choice for each new memory of one write, by its id. When two of them would supersede the same memory, only the first
 * one does, because a memory has at most one successor.
 */
export function settleChoices(
  compared: readonly ComparedMemory[],
  policy: SupersessionPolicy,
): ReadonlyMap<string, Choice> {
  const taken = new Set<string>();
  const choices = new Map<string, Choice>();
  for (const { memoryId, validFrom, comparison } of compared) {
    if ('skipped' in comparison) continue;
    const choice = chooseSupersession(comparison, validFrom, policy);
    if (choice === undefined) continue;
    const isTaken = choice.reason === 'applied' && taken.has(choice.candidateId);
    choices.set(memoryId, isTaken ? { ...choice, reason: 'no_longer_current' } : choice);
    if (choice.reason === 'applied') taken.add(choice.candidateId);
  }
  return choices;
}
