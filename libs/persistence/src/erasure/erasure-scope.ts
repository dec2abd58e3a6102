import { ALL_TENANTS, type Erasure, type JobKind } from '@app/memory';

import { tenantColumn } from '../sql/columns.js';
import type { Values } from '../sql/statements.js';

/** The tenant of a question: null is the default one. */
const ASKED_OF = `job.question #>> '{scope,tenantId}'`;

/** Condition for the rows that an erasure covers. Only the extent `account` covers rows that were accepted after it began. */
type Covers = (erasure: Erasure, values: Values) => string;

/**
 * A memory counts as old as its write: a write that was running when the erasure began may have stored the memory later. The
 * write is looked up only for a memory that is newer than the erasure.
 */
export const coversMemories: Covers = (erasure, values) => {
  const conditions = [`m.account_id = ${values.add(erasure.accountId)}`];
  if (erasure.extent === 'tenant')
    conditions.push(`m.tenant_id = ${values.add(tenantColumn(erasure.tenantId))}`);
  if (erasure.extent !== 'account') {
    const until = values.add(erasure.createdAt);
    conditions.push(`(m.created_at <= ${until} or exists (
      select from writes w where w.id = m.write_id and w.account_id = m.account_id and w.created_at <= ${until}))`);
  }
  return conditions.join(' and ');
};

export const coversWrites: Covers = (erasure, values) => {
  const conditions = [...coversJobs(erasure, values)];
  if (erasure.extent === 'tenant')
    conditions.push(`job.tenant_id = ${values.add(tenantColumn(erasure.tenantId))}`);
  return conditions.join(' and ');
};

export const coversQueries: Covers = (erasure, values) => {
  const conditions = [...coversJobs(erasure, values)];
  if (erasure.extent === 'tenant')
    conditions.push(`${ASKED_OF} is not distinct from ${values.add(erasure.tenantId)}`);
  return conditions.join(' and ');
};

export const COVERS_JOBS: Record<JobKind, Covers> = { write: coversWrites, query: coversQueries };

/** Answers that cite an erased memory, such as answers over all tenants, or of queries that came after the erasure began. */
export const coversAnswers: Covers = ({ accountId, extent, tenantId }, values) => {
  const conditions = [
    `job.account_id = ${values.add(accountId)}`,
    `job.answer is not null`,
    `exists (
       select from jsonb_array_elements(job.answer -> 'hits') as hit
        where not exists (
          select from memories m where m.id = (hit ->> 'memoryId')::uuid and m.account_id = job.account_id))`,
  ];
  if (extent === 'tenant')
    conditions.push(
      `coalesce(${ASKED_OF}, '') in (${values.add(tenantColumn(tenantId))}, '${ALL_TENANTS}')`,
    );
  return conditions.join(' and ');
};

function* coversJobs({ accountId, extent, createdAt }: Erasure, values: Values): Iterable<string> {
  yield `job.account_id = ${values.add(accountId)}`;
  if (extent !== 'account') yield `job.created_at <= ${values.add(createdAt)}`;
}
