import { fold } from '../memories/fold.js';
import type {
  Choice,
  Classification,
  Compared,
  Comparison,
  Reason,
  SupersessionPolicy,
} from './comparison.js';

/** Whether nothing of this category, or filed under this topic, is superseded by a model. */
export function isExcluded(
  { category, topic }: { readonly category: string; readonly topic: string },
  { excludedCategories }: Pick<SupersessionPolicy, 'excludedCategories'>,
): boolean {
  const excluded = new Set(excludedCategories.map(fold));
  return excluded.has(fold(category)) || excluded.has(fold(topic));
}

/** The classifier may take a fact to be about what the extractor did not: the gate holds for that as well. */
export function isExcludedOnSight(
  { category }: Compared,
  policy: Pick<SupersessionPolicy, 'excludedCategories'>,
): boolean {
  return isExcluded({ category, topic: category }, policy);
}

/**
 * The one verdict that counts for a new fact: a supersession that may be applied before one that may not, and that before
 * a refinement; of several the surest, of equally sure ones the most similar. Undefined: all are independent of it.
 * Precision first: a wrong supersession silently loses a fact, a missed one can be mended by hand.
 */
export function chooseSupersession(
  compared: Compared,
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
  // What became true earlier and only arrived later does not end what became true after it.
  if (validFrom > newValidFrom) return 'older_than_candidate';
  return confidence >= minConfidence ? 'applied' : 'below_min_confidence';
}

function rankOf(reason: Reason): number {
  if (reason === 'applied') return 0;
  return reason === 'refines' ? 2 : 1;
}

/** A new memory, and what it was compared with. */
export interface ComparedMemory {
  readonly memoryId: string;
  readonly validFrom: Date;
  readonly comparison: Comparison;
}

/**
 * The choice of each new memory of one write, by its id. Of two that would supersede the same memory the first does: a
 * memory has one successor.
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
