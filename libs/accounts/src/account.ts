import type { Settings } from './settings.js';

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
