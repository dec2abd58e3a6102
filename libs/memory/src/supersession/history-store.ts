import type { Scope } from '../memories/memory-store.js';
import type { Chain } from './chain.js';
import type { RequestedEnding } from './decide-ending.js';
import type { Ending } from './supersede.js';

/** What can happen to a memory, as its audit tells it. */
const MEMORY_EVENTS = [
  'memory.created',
  'memory.superseded',
  'memory.expired',
  'memory.restored',
  'memory.classified',
  'memory.erased',
] as const;

export type MemoryEvent = (typeof MEMORY_EVENTS)[number];

/** Something that happened to a memory. It outlives the memory, so it holds ids, dates, verdicts, models and codes, and no text. */
export interface AuditEvent {
  readonly event: string;
  readonly at: Date;
  /** With which API key it was asked for; null: by the service itself. */
  readonly apiKeyId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A memory that a caller wants to change the standing of. */
export interface MemoryRef {
  /** All that the caller may see: elsewhere there is no such memory. */
  readonly scope: Scope;
  readonly memoryId: string;
  readonly apiKeyId: string;
}

export interface EventPageRequest {
  readonly limit: number;
  /** The last event of the page before. */
  readonly afterId?: string | undefined;
}

export interface EventPage {
  /** `id` grows with each event, and is a whole number in decimal digits. */
  readonly events: readonly (AuditEvent & { readonly id: string })[];
  /** Whether others follow. */
  readonly hasMore: boolean;
}

/** What became of memories, and what callers change of it. Every change is one transaction, its audit event included. */
export abstract class HistoryStore {
  /**
   * Ends a memory. Of several at once that would end the same one, or close a circle together, one wins.
   * @throws AppError `not_found`, `supersession_invalid`, `memory_not_current`, `invalid_request`.
   */
  abstract supersede(order: MemoryRef & RequestedEnding): Promise<Ending>;
  /**
   * Takes an end back. A memory that has none is left as it is.
   * @throws AppError `not_found`; `memory_not_current` while the same fact stands under another id.
   */
  abstract restore(order: MemoryRef): Promise<void>;
  /**
   * The memories that supersession links with this one, itself included, in no particular order, MAX_CHAIN at most; none:
   * nothing with this id was ever here.
   */
  abstract chainOf(scope: Scope, memoryId: string, signal?: AbortSignal): Promise<Chain>;
  /** What happened to a memory, oldest first; of an erased one too. None: nothing with this id was ever here. */
  abstract eventsOf(
    scope: Scope,
    memoryId: string,
    page: EventPageRequest,
    signal?: AbortSignal,
  ): Promise<EventPage>;
}
