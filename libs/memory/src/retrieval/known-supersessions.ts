import type { Scope } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';

/** One memory superseded another, as it was believed. */
export interface SupersessionLink {
  readonly supersededId: string;
  readonly successorId: string;
  readonly validTo: Date | null;
}

/** What a classifier said of two memories, without its reasoning: that may quote either. */
export interface ClassifiedPair {
  readonly memoryId: string;
  readonly candidateId: string;
  readonly verdict: 'supersedes' | 'refines' | 'independent';
  readonly confidence: number;
  readonly model: string;
  readonly classifiedAt: Date;
}

export interface KnownOf {
  readonly links: readonly SupersessionLink[];
  readonly pairs: readonly ClassifiedPair[];
}

/** What is known of supersession among memories, for whoever has to prove an answer. */
export abstract class KnownSupersessions {
  /** What the given memories supersede, and every verdict that names one of them; nothing that was not known then. */
  abstract of(scope: Scope, memoryIds: readonly string[], moment: Moment): Promise<KnownOf>;
}
