/** The model account that pays for comparing new facts with current memories when the caller gives an `llm`. */
export type ClassifierAccount = 'caller' | 'bundled';

/** The settings of one API key, for all its calls. A call may override `autoSupersedeDefault`, and no other setting. */
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

/** The settings of an API key that has changed none. */
export const DEFAULT_SETTINGS: Settings = {
  autoSupersedeDefault: false,
  excludedCategories: ['health_medical', 'legal_status'],
  minConfidence: 0.85,
  classifierModel: 'claude-haiku-4-5-20251001',
  classifierAccount: 'caller',
  freshnessHalfLifeDays: 30,
};

export type PlanStatus = 'active' | 'suspended';

/** The owner of the data, who pays us; `company_id` on the wire. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly planTier: string;
  readonly planStatus: PlanStatus;
  readonly createdAt: Date;
}

/** The API key of a request, its account, and its permissions. */
export interface Caller {
  readonly accountId: string;
  readonly apiKeyId: string;
  readonly planStatus: PlanStatus;
  /** The only tenant that the key may see. Null: the key may see all tenants. */
  readonly boundTenantId: string | null;
  readonly readOnly: boolean;
  readonly planTier: string;
  /** When the account first exceeded its quota in this period. Null: it has not. */
  readonly exhaustedAt: Date | null;
  readonly settings: Settings;
}
