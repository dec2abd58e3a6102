import type { Caller } from '@app/accounts';
import type { JobReader, StoredJob } from '@app/memory';
import { timed } from '@app/observability';

import { found, notFound } from '../http/find.js';

/** @throws AppError `not_found` for a job of another account, or of another tenant than the one the key is bound to. */
export async function visibleJob(
  jobs: JobReader,
  { accountId, boundTenantId }: Caller,
  jobId: string,
): Promise<StoredJob> {
  const job = await found(jobId, (id) => timed('db', jobs.find(accountId, id)));
  if (boundTenantId !== null && job.tenantId !== boundTenantId) throw notFound();
  return job;
}
