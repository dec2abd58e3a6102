import type { CancelledJob, Erasure, JobKind } from '@app/memory';

import { cancelCovered } from '../jobs/job-lifecycle.js';
import { JOB_TABLES } from '../jobs/job-tables.js';
import { type Statements, Values } from '../sql/statements.js';
import type { MemoryOfWrite } from './erase-memories.js';
import { COVERS_JOBS, coversAnswers, coversQueries, coversWrites } from './erasure-scope.js';

/** A failure keeps its code and loses its detail, because a provider's message may quote the prompt. */
const ERASED_DETAIL = 'The text of this job was erased.';
const ERASED_FAILURE = `failure || jsonb_build_object('detail', '${ERASED_DETAIL}')`;
const HAS_FAILURE_DETAIL = `(failure is not null and failure ->> 'detail' <> '${ERASED_DETAIL}')`;

/** Condition that a row still has text to erase. */
const HAS_TEXT: Record<JobKind, string> = {
  write: `(request is not null or result is not null or ${HAS_FAILURE_DETAIL})`,
  query: `(answer is not null or question ->> 'question' <> '' or question -> 'filter' <> '{}' or ${HAS_FAILURE_DETAIL})`,
};

/** Cancels queued and running jobs, at most `limit`. The next guarded UPDATE of a running attempt then matches no row. */
export async function endCovered(
  statements: Statements,
  kind: JobKind,
  erasure: Erasure,
  limit: number,
): Promise<readonly CancelledJob[]> {
  const values = new Values();
  const covered = COVERS_JOBS[kind](erasure, values);
  const rows = await statements.query<{ id: string; run: number }>(
    cancelCovered(kind, covered, values.add(limit)),
    values.list,
  );
  return rows.map(({ id, run }) => ({ kind, id, run }));
}

/** Erases the text of ended jobs, at most `limit`. */
export async function eraseCovered(
  statements: Statements,
  erasure: Erasure,
  limit: number,
): Promise<number> {
  const parts = [
    ['write', coversWrites],
    ['query', coversQueries],
    ['query', coversAnswers],
  ] as const;
  let erased = 0;
  for (const [kind, covers] of parts) {
    const values = new Values();
    const covered = covers(erasure, values);
    const rows = await statements.query(
      `with covered as materialized (
         select id from ${JOB_TABLES[kind].table} as job
          where ${covered} and finished_at is not null and ${HAS_TEXT[kind]}
          order by id limit ${values.add(limit - erased)} for update
       )
       update ${JOB_TABLES[kind].table} as job set failure = ${ERASED_FAILURE}, ${JOB_TABLES[kind].text.erased}
         from covered where job.id = covered.id
       returning job.id`,
      values.list,
    );
    erased += rows.length;
  }
  return erased;
}

/** Erases the text that jobs hold about one memory: answers that cite it, their questions, and the note of its extraction. */
export async function eraseTraces(
  statements: Statements,
  accountId: string,
  { id, writeId }: MemoryOfWrite,
): Promise<void> {
  await statements.query(
    `update queries as job set ${JOB_TABLES.query.text.erased} where account_id = $1 and answer -> 'hits' @> $2::jsonb`,
    [accountId, JSON.stringify([{ memoryId: id }])],
  );
  await statements.query(
    `update writes set result = jsonb_set(result, '{extraction,note}', 'null')
      where id = $2 and account_id = $1 and result #>> '{extraction,note}' is not null`,
    [accountId, writeId],
  );
}

/** Tables in which an account may have very many rows. They are deleted in batches. */
const LARGE = ['writes', 'queries', 'idempotency_records'];
/** Tables in which an account has few rows. */
const SMALL = ['quota_slots', 'quota_exhaustions', 'usage_slots'];

/** Deletes at most `limit` rows of an account from the large tables. */
export async function deleteRows(
  statements: Statements,
  accountId: string,
  limit: number,
): Promise<number> {
  let deleted = 0;
  for (const table of LARGE) {
    const rows = await statements.query(
      `with batch as materialized (
         select ctid from ${table} where account_id = $1 limit $2 for update
       )
       delete from ${table} where ctid in (select ctid from batch) returning 1`,
      [accountId, limit - deleted],
    );
    deleted += rows.length;
  }
  return deleted;
}

/**
 * Deletes the remaining rows of an account, also its earlier erasures, because they name tenants. Its audit and the row of
 * this erasure stay.
 */
export async function deleteRest(
  statements: Statements,
  accountId: string,
  erasureId: string,
): Promise<void> {
  for (const table of SMALL)
    await statements.query(`delete from ${table} where account_id = $1`, [accountId]);
  await statements.query('delete from erasures where account_id = $1 and id <> $2', [
    accountId,
    erasureId,
  ]);
}
