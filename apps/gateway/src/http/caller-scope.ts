import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import type { Asker, Scope } from '@app/memory';

/** What `tenant_id` means on reads: a label, null for the default tenant, `*` for all of them. */
export const ALL_TENANTS = '*';

export const askerOf = ({ accountId, apiKeyId }: Caller): Asker => ({ accountId, apiKeyId });

/** Everything that this caller may see: what an id is looked for in. */
export const ownScope = ({ accountId, boundTenantId }: Caller): Scope => ({
  accountId,
  tenantId: boundTenantId ?? 'all',
});

/** @throws AppError `not_found` for a key that is bound to another tenant. */
export function readScope(caller: Caller, tenantId: string | null): Scope {
  const tenant = tenantId === ALL_TENANTS ? 'all' : tenantId;
  refuseOtherTenants(caller, tenant);
  return { accountId: caller.accountId, tenantId: tenant };
}

/** @throws AppError `not_found` for a key that is bound to another tenant. */
export function refuseOtherTenants({ boundTenantId }: Caller, tenantId: string | null): void {
  if (boundTenantId === null || boundTenantId === tenantId) return;
  throw new AppError(
    'not_found',
    'This API key is bound to one tenant. Name that tenant as tenant_id; for this key there is no other.',
  );
}

/** A scope's tenant as the wire shows it. */
export const tenantOnWire = (tenantId: Scope['tenantId']): string | null =>
  tenantId === 'all' ? ALL_TENANTS : tenantId;
