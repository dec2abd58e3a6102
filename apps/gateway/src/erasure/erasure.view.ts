import type { ErasureJob } from '@app/memory';

import type { ErasedView, ErasureView } from './erasure.schemas.js';

interface ErasureCount {
  readonly accountId: string;
  readonly tenantId: string | null;
  readonly deletedCount: number;
}

export function viewErased({ accountId, tenantId, deletedCount }: ErasureCount): ErasedView {
  return {
    status: 'deleted',
    company_id: accountId,
    tenant_id: tenantId,
    deleted_count: deletedCount,
  };
}

export function viewErasure({ accountId, tenantId, finishedAt, result }: ErasureJob): ErasureView {
  const { deletedCount } = result;
  return {
    ...viewErased({ accountId, tenantId, deletedCount }),
    status: finishedAt === null ? 'deleting' : 'deleted',
  };
}
