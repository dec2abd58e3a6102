import { ACCOUNT_ERASURE_REPEAT_MS, ERASURE_RETENTION_MS } from '@app/jobs/policy';
import {
  ALL_TENANTS,
  type Asker,
  type BegunErasure,
  type CancelledJob,
  type Erasure,
  type ErasureExtent,
  ErasureStore,
  type NewErasure,
  type Scope,
} from '@app/memory';

import { isUuid, tenantColumn, tenantOf } from '../sql/columns.js';
import { inScope } from '../sql/conditions.js';
import type { Database } from '../sql/database.js';
import {
  ACCEPT_ERASURE,
  COUNT_ERASED,
  ERASURE_COLUMNS,
  FINISH_ERASURE,
  START_ERASURE,
} from '../jobs/job-lifecycle.js';
import { isDeadlock } from '../sql/failed-statement.js';
import { msAsInterval, type Statements, Values } from '../sql/statements.js';
import { deleteRest, deleteRows, endCovered, eraseCovered, eraseTraces } from './erase-jobs.js';
import { eraseMemories, type MemoryOfWrite } from './erase-memories.js';
import { coversMemories } from './erasure-scope.js';

/** An erasure of more memories is carried out by upkeep instead of the HTTP call. */
const MAX_ERASED_BY_CALL = 10_000;
/** Tries of one transaction: Postgres resolves a deadlock by rolling one transaction back. */
const TRIES = 3;

/**
 * Includes erasures that a gateway still carries out: two processes may work on one erasure. The erasure of an account
 * is repeated for ten minutes after its end: a request that was authenticated before its API key was deleted may still have
 * stored a row.
 */
const UNFINISHED = `
  select ${ERASURE_COLUMNS} from erasures
   where finished_at is null or extent = 'account' and finished_at > now() - ${msAsInterval(ACCOUNT_ERASURE_REPEAT_MS)}
   order by created_at`;

interface ErasureRow {
  readonly id: string;
  readonly account_id: string;
  readonly api_key_id: string | null;
  readonly extent: ErasureExtent;
  readonly tenant_id: string | null;
  readonly created_at: Date;
}

export class PostgresErasureStore extends ErasureStore {
  constructor(private readonly database: Database) {
    super();
  }

  async eraseMemory(scope: Scope, memoryId: string, { apiKeyId }: Asker) {
    if (!isUuid(memoryId)) return undefined;
    const { accountId } = scope;
    return this.#inTransaction(accountId, async (statements) => {
      const values = new Values();
      const [memory] = await statements.query<{ tenant_id: string; write_id: string }>(
        `select tenant_id, write_id from memories m
          where m.id = ${values.add(memoryId)} and ${inScope(scope, {}, values)}`,
        values.list,
      );
      if (memory === undefined) return undefined;
      const note = { apiKeyId, details: { extent: 'memory' } };
      const one = { id: memoryId, writeId: memory.write_id };
      const erased = await eraseMemories(statements, accountId, [one], note);
      if (erased.memories === 0) return undefined;
      await eraseTraces(statements, accountId, one);
      return { tenantId: tenantOf(memory.tenant_id) };
    });
  }

  begin({ id, asker, tenantId, requestId }: NewErasure): Promise<BegunErasure> {
    const isOne = tenantId !== ALL_TENANTS;
    return this.#inTransaction(asker.accountId, (statements) =>
      begin(statements, [
        id,
        asker.accountId,
        asker.apiKeyId,
        isOne ? 'tenant' : 'memories',
        isOne ? tenantColumn(tenantId) : null,
        requestId,
      ]),
    );
  }

  async beginAccount(accountId: string, { id, requestId }: { id: string; requestId: string }) {
    if (!isUuid(accountId)) return undefined;
    return this.#inTransaction(accountId, async (statements) => {
      const gone = await statements.query('delete from accounts where id = $1 returning id', [
        accountId,
      ]);
      if (gone.length === 1)
        return begin(statements, [id, accountId, null, 'account', null, requestId]);
      const [row] = await statements.query<ErasureRow>(
        `select ${ERASURE_COLUMNS} from erasures where account_id = $1 and extent = 'account' and finished_at is null`,
        [accountId],
      );
      return row && { erasure: erasureOf(row), large: true };
    });
  }

  cancelCoveredJobs(erasure: Erasure, limit: number): Promise<readonly CancelledJob[]> {
    return this.#inTransaction(erasure.accountId, async (statements) => {
      const writes = await endCovered(statements, 'write', erasure, limit);
      const queries = await endCovered(statements, 'query', erasure, limit - writes.length);
      const ended = [...writes, ...queries];
      await count(statements, erasure, { jobs: ended.length });
      return ended;
    });
  }

  eraseMemories(erasure: Erasure, limit: number): Promise<number> {
    return this.#inTransaction(erasure.accountId, async (statements) => {
      const values = new Values();
      // Ordered by write: neighbours that are erased in the same batch need no new search documents.
      const some = await statements.query<MemoryOfWrite>(
        `select m.id, m.write_id as "writeId" from memories m where ${coversMemories(erasure, values)}
          order by m.created_at, m.write_id, m.id limit ${values.add(limit)}`,
        values.list,
      );
      if (some.length === 0) return 0;
      const erased = await eraseMemories(statements, erasure.accountId, some, {
        apiKeyId: erasure.apiKeyId,
        details: { extent: erasure.extent, erasure_id: erasure.id },
      });
      await count(statements, erasure, erased);
      // The size of the batch, not the number of erased memories: another process may have erased some, and more may be left.
      return some.length;
    });
  }

  eraseTexts(erasure: Erasure, limit: number): Promise<number> {
    return this.#inTransaction(erasure.accountId, async (statements) => {
      const jobs =
        erasure.extent === 'account'
          ? await deleteRows(statements, erasure.accountId, limit)
          : await eraseCovered(statements, erasure, limit);
      await count(statements, erasure, { jobs });
      return jobs;
    });
  }

  finish({ id, accountId, extent }: Erasure): Promise<number> {
    return this.#inTransaction(accountId, async (statements) => {
      if (extent === 'account') await deleteRest(statements, accountId, id);
      const [row] = await statements.query<{ deleted_count: number }>(FINISH_ERASURE, [id]);
      return row?.deleted_count ?? 0;
    });
  }

  async findUnfinished(): Promise<readonly Erasure[]> {
    return (await this.database.query<ErasureRow>(UNFINISHED)).map(erasureOf);
  }

  async deleteExpired(): Promise<void> {
    await this.database.query(
      `delete from erasures where finished_at < now() - ${msAsInterval(ERASURE_RETENTION_MS)}`,
    );
  }

  async #inTransaction<Result>(
    accountId: string,
    work: (statements: Statements) => Promise<Result>,
  ): Promise<Result> {
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        return await this.database.write(accountId, work);
      } catch (error) {
        if (left === 0 || !isDeadlock(error)) throw error;
      }
    }
  }
}

async function begin(statements: Statements, row: readonly unknown[]): Promise<BegunErasure> {
  const [begun] = await statements.query<ErasureRow>(ACCEPT_ERASURE, row);
  if (begun === undefined) throw new Error('The INSERT of an erasure returned no row');
  const erasure = erasureOf(begun);
  const values = new Values();
  const [counted] = await statements.query<{ memories: number }>(
    `select count(*)::int as memories from (
       select from memories m where ${coversMemories(erasure, values)} limit ${values.add(MAX_ERASED_BY_CALL + 1)}) as covered`,
    values.list,
  );
  const large = (counted?.memories ?? 0) > MAX_ERASED_BY_CALL;
  if (!large) await statements.query(START_ERASURE, [erasure.id]);
  return { erasure, large };
}

async function count(
  statements: Statements,
  { id }: Erasure,
  { memories = 0, turns = 0, jobs = 0 }: { memories?: number; turns?: number; jobs?: number },
): Promise<void> {
  if (memories + turns + jobs > 0)
    await statements.query(COUNT_ERASED, [id, memories, turns, jobs]);
}

function erasureOf(row: ErasureRow): Erasure {
  return {
    id: row.id,
    accountId: row.account_id,
    apiKeyId: row.api_key_id,
    extent: row.extent,
    tenantId: row.extent === 'tenant' ? tenantOf(row.tenant_id ?? '') : ALL_TENANTS,
    createdAt: row.created_at,
  };
}
