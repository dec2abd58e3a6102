import type { MemoryFilter, Scope, SeenMemory } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';

/** A memory found for a question. */
export interface Hit {
  readonly seen: SeenMemory;
  /** 0 to 1; the first hit of an answer has the highest. */
  readonly similarity: number;
}

export interface Retrieval {
  readonly question: string;
  readonly scope: Scope;
  readonly filter: MemoryFilter;
  readonly moment: Moment;
  readonly limit: number;
}

/** The result of a retrieval. `searched` counts the memories that scope, filter and moment selected. */
export interface Retrieved {
  readonly hits: readonly Hit[];
  readonly searched: number;
  /** How many of the last hits were dropped because one answer had no room for them. */
  readonly leftOut: number;
}

/** Finds memories for a question. An abstract class, so that an index of embeddings can be added beside full text. */
export abstract class MemoryIndex {
  /** An aborted signal cancels the statement. */
  abstract retrieve(retrieval: Retrieval, signal?: AbortSignal): Promise<Retrieved>;
}

/** Search documents and folds of memories. Each is built when its memory is stored, in the form of the running version. */
export abstract class SearchDocumentStore {
  /**
   * Rebuilds documents that an older version built.
   * @returns how many were rebuilt: documents of one account, at most `limit`. 0 when none is left, or when all of that
   * account are locked.
   */
  abstract rebuildOutdated(limit: number): Promise<number>;
}
