import type { MemoryFilter, Scope, SeenMemory } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';

/** A memory found for a question. */
export interface Hit {
  readonly seen: SeenMemory;
  /** How near, 0 to 1; the first hit of an answer has the highest. */
  readonly similarity: number;
}

export interface Retrieval {
  readonly question: string;
  readonly scope: Scope;
  readonly filter: MemoryFilter;
  readonly moment: Moment;
  readonly limit: number;
}

/** What retrieval found. `searched` counts the memories of the scope that the question was put to. */
export interface Retrieved {
  readonly hits: readonly Hit[];
  readonly searched: number;
  /** How many hits at the end of the ranking one answer has no room for. */
  readonly leftOut: number;
}

/** Finds memories for a question. A port: an embeddings-backed index can join the full-text one. */
export abstract class MemoryIndex {
  /** An aborted signal ends the statement. */
  abstract retrieve(retrieval: Retrieval, signal?: AbortSignal): Promise<Retrieved>;
}

/** Search documents and folds of memories. Each is made when its memory is stored, in the form that this version had. */
export abstract class SearchDocumentStore {
  /**
   * Rebuilds some of the documents that an older version made.
   * @returns how many were rebuilt: documents of one account only, at most `limit`. 0 when none is left, or when all that
   * were looked at are locked.
   */
  abstract rebuildOutdated(limit: number): Promise<number>;
}
