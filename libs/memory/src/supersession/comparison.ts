import type { Category } from '../memories/memory.js';
import type { LlmAccount } from '../spending.js';

/** The rules of automatic supersession. */
export interface SupersessionPolicy {
  /** Categories and topics, compared by their folds, in which a model supersedes nothing. */
  readonly excludedCategories: readonly string[];
  /** The floor: a verdict below it changes nothing. 0 to 1. */
  readonly minConfidence: number;
  readonly classifierModel: string;
  /** The account that pays for classification when the caller brought a model. */
  readonly classifierAccount: LlmAccount;
}

/** The relation of a new fact to a current one, as the classifier sees it. */
export const VERDICTS = ['supersedes', 'refines', 'independent'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why a new fact was not compared with current memories, or why its comparison was not used. */
export type SkippedReason =
  'disabled' | 'excluded_category' | 'no_candidates' | 'byo_llm' | 'classifier_unavailable';

/** A current memory that a new fact may supersede. */
export interface Candidate {
  readonly memoryId: string;
  readonly validFrom: Date;
}

/** One candidate with the classifier's verdict. */
export interface Classification extends Candidate {
  readonly verdict: Verdict;
  /** 0 to 1. */
  readonly confidence: number;
  /** May quote both facts, so it is stored only in the row of the classification, which is erased with them. */
  readonly reasoning: string;
}

/** The verdicts on one new fact, the most similar candidate first. `chooseSupersession` decides which of them counts. */
export interface ClassifiedFact {
  readonly model: string;
  /** The category that the classifier gives the new fact. */
  readonly category: Category;
  readonly classifications: readonly Classification[];
}

/** The result of comparing one new fact with current memories. */
export type Comparison = ClassifiedFact | { readonly skipped: SkippedReason };

/** Why a verdict was applied, or was not. */
export type Reason =
  | 'applied'
  | 'refines'
  | 'below_min_confidence'
  | 'older_than_candidate'
  | 'excluded_category'
  | 'no_longer_current';

/** The verdict that counts for a new fact. */
export interface Choice {
  readonly candidateId: string;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly reason: Reason;
}

/** The part of a comparison that the result of a write keeps, for each memory. No text. */
export interface SupersessionOutcome {
  readonly memoryId: string;
  /** True when a classifier answered. */
  readonly ran: boolean;
  readonly skippedReason: SkippedReason | null;
  readonly candidatesExamined: number;
  /** Null when every candidate is independent, or none was examined. */
  readonly supersession: (Choice & { readonly model: string }) | null;
}

/** The outcome of a memory that was not compared. */
export const uncompared = (
  memoryId: string,
  skippedReason: SkippedReason,
): SupersessionOutcome => ({
  memoryId,
  ran: false,
  skippedReason,
  candidatesExamined: 0,
  supersession: null,
});

/** The account that pays for classification. `none`: the caller's provider cannot classify, and the facts may not go to another provider. */
export type ClassifierOwner = LlmAccount | 'none';

/** The classification prompt has been tested only with this provider's models. */
const CLASSIFYING_PROVIDER = 'anthropic';

/**
 * Decides which account pays (docs/api/llm.md, "Rules", rule 5).
 * @param callersProvider the provider in the caller's `llm`; null: the caller gave none.
 */
export function ownerOfClassifier(
  { classifierAccount }: Pick<SupersessionPolicy, 'classifierAccount'>,
  callersProvider: string | null,
): ClassifierOwner {
  if (callersProvider === null || classifierAccount === 'bundled') return 'bundled';
  return callersProvider === CLASSIFYING_PROVIDER ? 'caller' : 'none';
}
