import type { Scope } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';
import type { Verdict } from '../supersession/comparison.js';

/** One memory superseded another, as it was believed at the moment of the read. */
export interface SupersessionLink {
  readonly supersededId: string;
  readonly successorId: string;
  readonly validTo: Date | null;
}

/** The classifier's verdict on two memories. Its reasoning is left out, because it may quote them. */
export interface ClassifiedPair {
  readonly memoryId: string;
  readonly candidateId: string;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly model: string;
  readonly classifiedAt: Date;
}

/** A turn that a memory cites, with the hash of its complete text. */
export interface HashedTurn {
  readonly memoryId: string;
  readonly turnId: string;
  /** SHA-256 of the UTF-8 bytes, in lower-case hex. */
  readonly sha256: string;
}

export interface SupersessionEvidence {
  /** At most MAX_KNOWN + 1 for each memory: the extra one shows that more exist. */
  readonly links: readonly SupersessionLink[];
  /** At most MAX_KNOWN + 1 for each memory. */
  readonly pairs: readonly ClassifiedPair[];
  /** In their order within each memory. */
  readonly turns: readonly HashedTurn[];
}

/** At most this many links, and this many verdicts, are shown for one memory. */
export const MAX_KNOWN = 100;

/** Reads the evidence for a proof tree: supersessions, verdicts and hashes of turns of the memories of an answer. */
export abstract class KnownSupersessions {
  /** The memories that the given ones supersede, the verdicts that name one of them, and their turns, as known at `moment`. */
  abstract find(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<SupersessionEvidence>;
}
