import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { ALL_TENANTS, type Asker, type Scope } from '@app/memory';

export const askerOf = ({ accountId, apiKeyId }: Caller): Asker => ({ accountId, apiKeyId });

/** Everything that this caller may see. Lookups by id search in it. */
export const ownScope = ({ accountId, boundTenantId }: Caller): Scope => ({
  accountId,
  tenantId: boundTenantId ?? ALL_TENANTS,
});

/**
 * @param tenantId a label, null for the default tenant, or ALL_TENANTS.
 * @throws AppError `not_found` for a key that is bound to another tenant.
 */
export function readScope(caller: Caller, tenantId: string | null): Scope {
  refuseOtherTenants(caller, tenantId);
  return { accountId: caller.accountId, tenantId };
}

/** @throws AppError `not_found` for a key that is bound to another tenant. */
export function refuseOtherTenants({ boundTenantId }: Caller, tenantId: string | null): void {
  if (boundTenantId === null || boundTenantId === tenantId) return;
  throw new AppError(
    'not_found',
    'This API key is bound to one tenant. Name that tenant as tenant_id; for this key there is no other.',
  );
}
