import type { Scope } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';
import type { Verdict } from '../supersession/comparison.js';

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
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly model: string;
  readonly classifiedAt: Date;
}

/** A turn that a memory cites, by the hash of all that was said in it. */
export interface HashedTurn {
  readonly memoryId: string;
  readonly turnId: string;
  /** SHA-256 of the UTF-8 bytes, in lower-case hex. */
  readonly sha256: string;
}

export interface KnownOf {
  /** At most MAX_KNOWN and one more for each memory. */
  readonly links: readonly SupersessionLink[];
  /** At most MAX_KNOWN and one more for each memory. */
  readonly pairs: readonly ClassifiedPair[];
  /** In their order within each memory. */
  readonly turns: readonly HashedTurn[];
}

/** So many links, and so many verdicts, are told of one memory. */
export const MAX_KNOWN = 100;

/** What proves an answer: supersession among its memories, and hashes of what was said. */
export abstract class KnownSupersessions {
  /** What the given memories supersede, verdicts that name one of them, and their turns; nothing that was not known then. */
  abstract of(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<KnownOf>;
}
