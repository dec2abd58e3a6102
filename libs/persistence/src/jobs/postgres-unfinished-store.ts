import type { Failure } from '@app/errors';
import {
  CHECK_EVERY_MS,
  type JobKind,
  type LlmAccount,
  type UnfinishedJob,
  UnfinishedStore,
} from '@app/memory';

import type { Database } from '../sql/database.js';
import { JOB_TABLES } from './job-tables.js';
import { storableFailure } from '../sql/storable.js';
import { NOW } from '../sql/statements.js';

const NEXT_CHECK = `now() + interval '${CHECK_EVERY_MS} milliseconds'`;

/** Milliseconds since `column`. */
const since = (column: string): string => `(extract(epoch from now() - ${column}) * 1000)::float8`;
/** A content write is stored without its caller's key too: then nobody classifies it. */
const NEEDS_KEY: Record<JobKind, string> = {
  write: `(job.llm_account = 'caller' and job.mode = 'messages')`,
  query: `(job.llm_account = 'caller')`,
};
const returned = (
  kind: JobKind,
): string => `job.id, job.run, job.account_id, job.llm_account, job.request_id, ${since('job.created_at')} as age_ms,
  ${since('job.deadline_at')} as overdue_ms, ${NEEDS_KEY[kind]} as needs_key`;

/** Materialised: a limit that is planned into a join may be counted anew for each row. */
const takeDue = (kind: JobKind): string => `
  with due as materialized (
    select id from ${JOB_TABLES[kind]} where next_check_at < $1 order by next_check_at limit $2 for update skip locked
  )
  update ${JOB_TABLES[kind]} as job set next_check_at = ${NEXT_CHECK}
    from due where job.id = due.id and job.state in ('queued', 'running')
  returning ${returned(kind)}`;

/** Rows that have neither ended nor been run again since they were read. */
const AS_GIVEN = `
    from unnest($1::uuid[], $2::int[]) as given(id, run)
   where job.id = given.id and job.run = given.run and job.state in ('queued', 'running')`;

const runAgain = (kind: JobKind): string => `
  update ${JOB_TABLES[kind]} as job set run = job.run + 1, state = 'queued', next_check_at = ${NEXT_CHECK} ${AS_GIVEN}
  returning ${returned(kind)}`;

/** Who waits for the first run of a write is told in the call that has its text: it has no more use. */
const TEXT_KEPT: Record<JobKind, string> = {
  write: `, request = case when job.waiting and job.run = 1 then null else job.request end`,
  query: '',
};
const fail = (kind: JobKind): string => `
  update ${JOB_TABLES[kind]} as job
     set state = 'failed', finished_at = ${NOW}, failure = $3, next_check_at = null ${TEXT_KEPT[kind]} ${AS_GIVEN}
  returning job.id`;

interface UnfinishedRow {
  readonly id: string;
  readonly run: number;
  readonly account_id: string;
  readonly llm_account: LlmAccount;
  readonly request_id: string;
  readonly age_ms: number;
  readonly overdue_ms: number;
  readonly needs_key: boolean;
}

export class PostgresUnfinishedStore extends UnfinishedStore {
  constructor(private readonly database: Database) {
    super();
  }

  async now(): Promise<Date> {
    const [row] = await this.database.query<{ now: Date }>(`select ${NOW} as now`);
    if (row === undefined) throw new Error('A clock without a time');
    return row.now;
  }

  async takeDue(kind: JobKind, until: Date, limit: number): Promise<readonly UnfinishedJob[]> {
    const sql = takeDue(kind);
    return (await this.database.query<UnfinishedRow>(sql, [until, limit])).map(jobOf);
  }

  async runAgain(kind: JobKind, jobs: readonly UnfinishedJob[]): Promise<readonly UnfinishedJob[]> {
    const sql = runAgain(kind);
    return (await this.database.query<UnfinishedRow>(sql, given(jobs))).map(jobOf);
  }

  async fail(kind: JobKind, jobs: readonly UnfinishedJob[], failure: Failure): Promise<number> {
    const values = [...given(jobs), storableFailure(failure)];
    return (await this.database.query(fail(kind), values)).length;
  }
}

const given = (jobs: readonly UnfinishedJob[]): readonly unknown[] => [
  jobs.map(({ id }) => id),
  jobs.map(({ run }) => run),
];

function jobOf(row: UnfinishedRow): UnfinishedJob {
  return {
    id: row.id,
    run: row.run,
    accountId: row.account_id,
    llmAccount: row.llm_account,
    requestId: row.request_id,
    ageMs: row.age_ms,
    overdueMs: row.overdue_ms,
    needsKey: row.needs_key,
  };
}
