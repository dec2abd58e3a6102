import type { Category } from '../memories/memory.js';
import type { LlmAccount } from '../spending.js';

/** The rules of automatic supersession. */
export interface SupersessionPolicy {
  /** Categories, or topics by their folded form, in which nothing is superseded by a model. */
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

/** Why a new fact was not compared with those that stand, or what came of it not used. */
export type SkippedReason =
  'disabled' | 'excluded_category' | 'no_candidates' | 'byo_llm' | 'classifier_unavailable';

/** A current memory that a new fact may supersede. */
export interface Candidate {
  readonly memoryId: string;
  readonly validFrom: Date;
}

/** One candidate, and what the classifier said of it. */
export interface Classification extends Candidate {
  readonly verdict: Verdict;
  /** 0 to 1. */
  readonly confidence: number;
  /** May quote either fact: it is kept with them and nowhere else. */
  readonly reasoning: string;
}

/** A new fact beside the most similar current ones, the most similar first. Nothing is decided by it. */
export interface Compared {
  readonly model: string;
  /** What the classifier takes the new fact to be about. */
  readonly category: Category;
  readonly classifications: readonly Classification[];
}

/** What became of comparing one new fact. */
export type Comparison = Compared | { readonly skipped: SkippedReason };

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

/** What a write's result keeps of it, for each memory. No text. */
export interface SupersessionOutcome {
  readonly memoryId: string;
  /** A classifier was asked, and answered. */
  readonly ran: boolean;
  readonly skippedReason: SkippedReason | null;
  readonly candidatesExamined: number;
  /** Null where every candidate was found independent, or none was examined. */
  readonly supersession: (Choice & { readonly model: string }) | null;
}

/** The outcome of a memory that was compared with none. */
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

/** The account that pays for classification. `none`: the caller's model cannot classify, and no other may see the facts. */
export type ClassifierOwner = LlmAccount | 'none';

/** Only on these models is the prompt known to be understood well enough to end a memory. */
const CLASSIFYING_PROVIDER = 'anthropic';

/**
 * The accounts rule (docs/api/llm.md, "Rules", rule 5).
 * @param callersProvider of the model that the caller brought; null: they brought none.
 */
export function ownerOfClassifier(
  { classifierAccount }: Pick<SupersessionPolicy, 'classifierAccount'>,
  callersProvider: string | null,
): ClassifierOwner {
  if (callersProvider === null || classifierAccount === 'bundled') return 'bundled';
  return callersProvider === CLASSIFYING_PROVIDER ? 'caller' : 'none';
}
