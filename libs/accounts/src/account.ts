/** Whose model account compares a new fact with those that stand, where the caller brought a model of their own. */
export type ClassifierAccount = 'caller' | 'bundled';

/** What one API key asks for in every call that does not say otherwise. */
export interface Settings {
  readonly autoSupersedeDefault: boolean;
  /** Categories, or topics by their folded form, in which nothing is superseded by a model. */
  readonly excludedCategories: readonly string[];
  /** The floor: a verdict below it changes nothing. 0 to 1. */
  readonly minConfidence: number;
  /** An Anthropic model id. */
  readonly classifierModel: string;
  readonly classifierAccount: ClassifierAccount;
  readonly freshnessHalfLifeDays: number;
}

/** For whatever an API key has not changed. */
export const DEFAULT_SETTINGS: Settings = {
  autoSupersedeDefault: false,
  excludedCategories: ['health_medical', 'legal_status'],
  minConfidence: 0.85,
  classifierModel: 'claude-haiku-4-5-20251001',
  classifierAccount: 'caller',
  freshnessHalfLifeDays: 30,
};

export type PlanStatus = 'active' | 'suspended';

/** Who owns the data and pays us; `company_id` on the wire. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly planTier: string;
  readonly planStatus: PlanStatus;
  readonly createdAt: Date;
}

/** Whoever holds the Aurra API key of this request, and what that key may do. */
export interface Caller {
  readonly accountId: string;
  readonly apiKeyId: string;
  readonly planStatus: PlanStatus;
  /** A key bound to one tenant sees no other. Null: not bound. */
  readonly boundTenantId: string | null;
  readonly readOnly: boolean;
  readonly planTier: string;
  /** When, in this period, the account first asked for more than its quota. */
  readonly exhaustedAt: Date | null;
  readonly settings: Settings;
}
