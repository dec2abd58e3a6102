import type { Scope } from '../memories/memory-store.js';
import type { Chain } from './chain.js';
import type { RequestedEnding } from './decide-ending.js';
import type { Ending } from './supersede.js';

/** The events that the audit records for a memory. */
const MEMORY_EVENTS = [
  'memory.created',
  'memory.superseded',
  'memory.expired',
  'memory.restored',
  'memory.classified',
  'memory.erased',
] as const;

export type MemoryEvent = (typeof MEMORY_EVENTS)[number];

/** One event of a memory. It stays when the memory is erased, so it holds ids, dates, verdicts, models and codes, and no text. */
export interface AuditEvent {
  readonly event: string;
  readonly at: Date;
  /** The API key of the request; null: the service itself made the change. */
  readonly apiKeyId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The memory that a caller wants to end or restore. */
export interface MemoryRef {
  /** The memories that the caller may see. A memory outside of this scope does not exist for the caller. */
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
  /** True when more events follow. */
  readonly hasMore: boolean;
}

/** Ends and restores memories, and reads their history. Every change is one transaction that includes its audit event. */
export abstract class HistoryStore {
  /**
   * Ends a memory. When several calls at once would end the same memory, or close a cycle together, one of them succeeds.
   * @throws AppError `not_found`, `supersession_invalid`, `memory_not_current`, `invalid_request`.
   */
  abstract supersede(order: MemoryRef & RequestedEnding): Promise<Ending>;
  /**
   * Removes the end of a memory. A memory without an end is not changed.
   * @throws AppError `not_found`; `memory_not_current` while another current memory holds the same fact.
   */
  abstract restore(order: MemoryRef): Promise<void>;
  /**
   * The memories that supersession links with this one, including itself, in no particular order; at most MAX_CHAIN. Empty:
   * no memory in this scope ever had this id.
   */
  abstract chainOf(scope: Scope, memoryId: string, signal?: AbortSignal): Promise<Chain>;
  /** The events of a memory, oldest first, also of an erased one. Empty: no memory in this scope ever had this id. */
  abstract eventsOf(
    scope: Scope,
    memoryId: string,
    page: EventPageRequest,
    signal?: AbortSignal,
  ): Promise<EventPage>;
}
