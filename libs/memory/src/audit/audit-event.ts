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
