/** The subject of a fact. The list is fixed: the extractor chooses from it, and supersession rules exclude categories by name. */
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

/** The model that found a fact, and whether the caller's own account paid for it. Never holds the key. */
export interface Extraction {
  readonly provider: string;
  readonly model: string;
  readonly byoLlm: boolean;
  readonly baseUrlHost: string | null;
  readonly promptVersion: string;
  readonly extractedAt: Date;
}

/** A stored fact with its provenance. These fields never change: beliefs about the validity of the fact are its versions. */
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
  /** When the fact was said: the latest time of the cited turns, else the write's `recorded_at`, else the time when it was stored. */
  readonly capturedAt: Date;
  readonly extraction: Extraction | null;
  /** The turns that the fact came from, in their order; empty in content mode. Lists and answers hold only the beginning of them. */
  readonly turns: readonly Turn[];
  /** True when `turns` is incomplete: the last turns are missing, or a text is cut off. */
  readonly turnsShortened: boolean;
}
