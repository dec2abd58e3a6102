import type { Category, Memory } from './memory.js';
import type { Moment, Version } from './version.js';

/** A memory together with the version that a read selected. */
export interface SeenMemory {
  readonly memory: Memory;
  readonly version: Version;
}

/** Stands for all tenants of the account in the scope of a read. No tenant can have this name. */
export const ALL_TENANTS = '*';

/** The memories that a caller may see: those of one tenant (null is the default tenant), or with ALL_TENANTS all of the account. */
export interface Scope {
  readonly accountId: string;
  readonly tenantId: string | null;
}

export interface MemoryFilter {
  readonly sources?: readonly string[] | undefined;
  readonly sessionId?: string | undefined;
  readonly topic?: string | undefined;
  readonly category?: Category | undefined;
  readonly externalId?: string | undefined;
  /** Every given field must be equal. Values are compared as text; a value that is not a string is compared as its JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface ListRequest {
  readonly scope: Scope;
  readonly filter: MemoryFilter;
  readonly moment: Moment;
  /** True: superseded and expired memories are listed too. Ignored when only `transactionAsOf` is given. */
  readonly includeSuperseded: boolean;
  readonly limit: number;
  /** The last memory of the page before. */
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

/** One page of a list. */
export interface MemoryPage {
  readonly memories: readonly SeenMemory[];
  /** True when more memories follow: the page ended at `limit` or at the size of one answer. */
  readonly hasMore: boolean;
}

/** The result of a read by ids. */
export interface FoundMemories {
  /** In the order of the given ids, each with the beginning of its turns; the list ends where one answer is full. */
  readonly memories: readonly SeenMemory[];
  /** How many existing memories the answer had no room for. */
  readonly leftOut: number;
}

/** Reads memories. An abstract class, so that the type is also the injection token. */
export abstract class MemoryStore {
  /**
   * Reads one memory with its complete turns and the version that is believed now.
   * @returns undefined when the id is malformed, does not exist or is outside the scope.
   */
  abstract find(scope: Scope, memoryId: string): Promise<SeenMemory | undefined>;
  /**
   * Reads the given memories of this scope, each with the version that was believed at `transactionAsOf`, or is believed now;
   * a memory without such a version is left out. `asOf` is ignored, so ended memories are included.
   */
  abstract findMany(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<FoundMemories>;
  /** The largest number of bytes that each memory can take in an answer. A memory that does not exist has no entry. */
  abstract sizesOf(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
  /** The time by the clock that belief times come from: the clock of a process may be wrong. */
  abstract now(): Promise<Date>;
  /** Newest first by `createdAt`, then id; at most `limit`, each with the beginning of its turns. An aborted signal cancels the statement. */
  abstract list(request: ListRequest, signal?: AbortSignal): Promise<MemoryPage>;
}
