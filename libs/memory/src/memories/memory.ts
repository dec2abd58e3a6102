/** What a fact is about. Fixed: the extractor picks from it and the supersession gate reads it. */
export const CATEGORIES = [
  'identity',
  'relationship',
  'work',
  'education',
  'location',
  'travel',
  'preference',
  'dietary',
  'health_medical',
  'legal_status',
  'financial',
  'subscription',
  'schedule',
  'project',
  'product',
  'technology',
  'event',
  'goal',
  'other',
] as const;

export type Category = (typeof CATEGORIES)[number];

/** One message of a conversation, stored once and cited by the facts that were found in it. */
export interface Turn {
  readonly id: string;
  readonly position: number;
  readonly role: string;
  readonly name: string | null;
  readonly saidAt: Date | null;
  readonly text: string;
}

/** Which model found a fact, and for whom it was paid. Never the key. */
export interface Extraction {
  readonly provider: string;
  readonly model: string;
  readonly byoLlm: boolean;
  readonly baseUrlHost: string | null;
  readonly promptVersion: string;
  readonly extractedAt: Date;
}

/** A stored fact with its provenance. Nothing here ever changes; what is believed of its validity is in its versions. */
export interface Memory {
  readonly id: string;
  readonly accountId: string;
  /** The caller's own label; null is the default tenant. */
  readonly tenantId: string | null;
  readonly source: string;
  readonly sessionId: string | null;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  /** 1 (trivial) to 10 (critical). */
  readonly importance: number;
  readonly createdAt: Date;
  /** When the conversation took place: the latest time among the cited turns, else the write's `recorded_at`, else when it was stored. */
  readonly capturedAt: Date;
  readonly extraction: Extraction | null;
  /** The turns that the fact came from, in their order; empty in content mode. Lists and answers have their beginning. */
  readonly turns: readonly Turn[];
  /** Whether `turns` is less than the fact came from: a turn is missing at the end, or cut off. */
  readonly turnsShortened: boolean;
}
