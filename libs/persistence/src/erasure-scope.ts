import { ALL_TENANTS, type Erasure, type JobKind } from '@app/memory';

import { tenantColumn } from './columns.js';
import type { Values } from './statements.js';

/** Which rows an erasure covers. An account that goes takes all with it; else what was accepted later is new. */
type Covers = (erasure: Erasure, values: Values) => string;

/**
 * A memory is as old as the write that it came from: one that was running when the erasure began may have been stored
 * after. Only memories that are newer than the erasure ask for their write.
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

/** What was asked of all tenants may be answered from this one. */
export const coversQueries: Covers = (erasure, values) => {
  const conditions = [...coversJobs(erasure, values)];
  if (erasure.extent === 'tenant') conditions.push(asksTenant(erasure, values));
  return conditions.join(' and ');
};

export const COVERS_JOBS: Record<JobKind, Covers> = { write: coversWrites, query: coversQueries };

/** Answers to later questions that found a memory just before it went. */
export const coversLateAnswers: Covers = (erasure, values) => {
  const conditions = [
    `job.account_id = ${values.add(erasure.accountId)}`,
    `job.created_at > ${values.add(erasure.createdAt)}`,
    `job.answer is not null`,
    `exists (select from jsonb_array_elements(job.answer -> 'hits') as hit
              where not exists (
                select from memories m where m.id = (hit ->> 'memoryId')::uuid and m.account_id = job.account_id))`,
  ];
  if (erasure.extent === 'tenant') conditions.push(asksTenant(erasure, values));
  return conditions.join(' and ');
};

function* coversJobs({ accountId, extent, createdAt }: Erasure, values: Values): Iterable<string> {
  yield `job.account_id = ${values.add(accountId)}`;
  if (extent !== 'account') yield `job.created_at <= ${values.add(createdAt)}`;
}

const asksTenant = ({ tenantId }: Erasure, values: Values): string =>
  `(job.question #>> '{scope,tenantId}' is not distinct from ${values.add(tenantId)}
    or job.question #>> '{scope,tenantId}' = '${ALL_TENANTS}')`;
