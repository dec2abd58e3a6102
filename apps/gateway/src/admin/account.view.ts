import type { Account, StoredKey } from '@app/accounts';

import type { AccountView, ApiKeyView } from './accounts.schemas.js';

export function viewAccount({ id, name, planTier, planStatus, createdAt }: Account): AccountView {
  return {
    account_id: id,
    name,
    plan_tier: planTier,
    plan_status: planStatus,
    created_at: createdAt.toISOString(),
  };
}

/** An API key without its secret: only the response that creates the key shows that. */
export function viewApiKey(key: StoredKey): ApiKeyView {
  return {
    id: key.id,
    api_key_id: key.id,
    name: key.name,
    last_four: key.lastFour,
    tenant_id: key.tenantId,
    read_only: key.readOnly,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
