import type { Category, Memory } from './memory.js';
import type { Moment, Version } from './version.js';

/** A memory together with the version of it that a reader was shown. */
export interface SeenMemory {
  readonly memory: Memory;
  readonly version: Version;
}

/** In place of a tenant, on reads: all of the account's. No tenant can be called so. */
export const ALL_TENANTS = '*';

/** Whose memories a reader may see: one tenant (null is the default one), or with ALL_TENANTS every one of the account. */
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
  /** Equality, compared as text: what is no text, as the text of its JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface ListRequest {
  readonly scope: Scope;
  readonly filter: MemoryFilter;
  readonly moment: Moment;
  /** True: what is superseded or expired is listed too. Not asked where only `transactionAsOf` is given. */
  readonly includeSuperseded: boolean;
  readonly limit: number;
  /** The last memory of the page before. */
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

/** One page of a list. */
export interface MemoryPage {
  readonly memories: readonly SeenMemory[];
  /** Whether others follow: `limit` was reached, or the page has as many bytes as one answer may have. */
  readonly hasMore: boolean;
}

/** Memories that were asked for by their ids. */
export interface FoundMemories {
  /** In the order of their ids, with the beginning of their turns; as many of the first as one answer may hold. */
  readonly memories: readonly SeenMemory[];
  /** How many more exist, and were left out for want of room. */
  readonly leftOut: number;
}

/** Where memories live. An abstract class, so the type is also the injection token. */
export abstract class MemoryStore {
  /** With its turns whole. @returns the version believed now (or the last one), or undefined for an id that does not exist, is malformed, or is another account's. */
  abstract find(scope: Scope, memoryId: string): Promise<SeenMemory | undefined>;
  /**
   * The given memories that exist in this scope, each in the version that was believed then. What has ended since is there
   * too (who names an id wants it); what was not believed yet is not.
   */
  abstract findMany(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<FoundMemories>;
  /** How many bytes of an answer each of the given memories takes at most. What does not exist has no entry. */
  abstract sizesOf(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
  /** The clock that belief times come from. A reader's own may be ahead of it, or behind. */
  abstract now(): Promise<Date>;
  /** Newest first by `createdAt`, then id; at most `limit`, with the beginning of their turns. An aborted signal ends the statement. */
  abstract list(request: ListRequest, signal?: AbortSignal): Promise<MemoryPage>;
}
