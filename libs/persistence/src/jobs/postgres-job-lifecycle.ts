import type { AppError } from '@app/errors';
import {
  type FailedJob,
  type JobAttempt,
  type JobKind,
  JobLifecycle,
  type JobRun,
  type JobTypes,
  type LlmAccount,
  type NewQuery,
  type NewRun,
  type Remembered,
  type RememberedWrite,
  type RunnableJob,
  type StoredResult,
  type SucceededJob,
  type UnfinishedJob,
} from '@app/memory';

import { rememberFact } from './remember-fact.js';
import type { Database } from '../sql/database.js';
import { storableFailure, storableJson } from '../sql/storable.js';
import { acceptWrites, columnArrays } from './accept-writes.js';
import { type ClaimedRow, readClaim } from './claimed-rows.js';
import { completeQuery } from './complete-query.js';
import { completeWrite } from './complete-write.js';
import { withCountedCall } from './count-calls.js';
import {
  CANCEL,
  CLAIM,
  EXPIRE,
  FAIL,
  HAND_BACK,
  INSERT_QUEUED_QUERIES,
  REQUEUE,
  RUN_AGAIN,
  STOP_WAITING,
  TAKE_DUE,
  WITHDRAW,
} from './job-lifecycle.js';

/** The functions that insert a job, and that store its result, for each kind. */
const OF_KIND: {
  readonly [Kind in JobKind]: {
    readonly accept: (
      database: Database,
      jobs: readonly JobTypes[Kind]['accepted'][],
    ) => Promise<readonly (AppError | undefined)[]>;
    readonly succeed: (
      database: Database,
      job: SucceededJob<Kind>,
    ) => Promise<StoredResult | undefined>;
  };
} = {
  write: { accept: acceptWrites, succeed: completeWrite },
  query: { accept: acceptQueries, succeed: completeQuery },
};

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

export class PostgresJobLifecycle extends JobLifecycle {
  constructor(private readonly database: Database) {
    super();
  }

  accept<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly JobTypes[Kind]['accepted'][],
  ): Promise<readonly (AppError | undefined)[]> {
    return OF_KIND[kind].accept(this.database, jobs);
  }

  remember(write: RememberedWrite): Promise<Remembered> {
    const { asker, writesPerMonth: limit } = write;
    const call = { accountId: asker.accountId, kind: 'write', limit } as const;
    return withCountedCall(this.database, call, (statements, counted) =>
      rememberFact(statements, write, counted),
    );
  }

  async claim<Kind extends JobKind>(
    kind: Kind,
    runs: readonly JobRun[],
  ): Promise<readonly (JobTypes[Kind]['claim'] | undefined)[]> {
    const values = runs.map(({ id, run }) => [id, run]);
    const claimed = await this.#changed<ClaimedRow>(CLAIM[kind], values);
    return runs.map(({ id }) => {
      const row = claimed.get(id);
      return row && readClaim(kind, row);
    });
  }

  succeed<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly SucceededJob<Kind>[],
  ): Promise<readonly PromiseSettledResult<StoredResult | undefined>[]> {
    return Promise.allSettled(jobs.map((job) => OF_KIND[kind].succeed(this.database, job)));
  }

  fail(kind: JobKind, failed: readonly FailedJob[]): Promise<readonly boolean[]> {
    const values = failed.map(({ job: { id, run, attempt }, failure }) => [
      id,
      run,
      attempt ?? null,
      storableFailure(failure),
    ]);
    return this.#whichChanged(FAIL[kind], values);
  }

  handBack(kind: JobKind, attempts: readonly JobAttempt[]): Promise<readonly boolean[]> {
    const values = attempts.map(({ id, run, attempt }) => [id, run, attempt]);
    return this.#whichChanged(HAND_BACK[kind], values);
  }

  withdraw(
    kind: JobKind,
    jobs: readonly Pick<FailedJob & JobRun, 'id' | 'failure'>[],
  ): Promise<readonly boolean[]> {
    const values = jobs.map(({ id, failure }) => [id, storableFailure(failure)]);
    return this.#whichChanged(WITHDRAW[kind], values);
  }

  async cancel(
    kind: JobKind,
    jobs: readonly Pick<RunnableJob, 'id' | 'accountId'>[],
  ): Promise<readonly (number | undefined)[]> {
    const values = jobs.map(({ id, accountId }) => [id, accountId]);
    const cancelled = await this.#changed<JobRun>(CANCEL[kind], values);
    return jobs.map(({ id }) => cancelled.get(id)?.run);
  }

  async runAgain(
    kind: JobKind,
    jobs: readonly {
      readonly job: Pick<RunnableJob, 'id' | 'accountId' | 'run'>;
      readonly again: NewRun;
    }[],
  ): Promise<readonly (number | undefined)[]> {
    const values = jobs.map(({ job: { id, accountId, run }, again }) => [
      id,
      accountId,
      run,
      again.llmAccount,
      again.deadlineAt,
      again.requestId,
      again.waiting,
      again.audit?.provider ?? null,
      again.audit?.model ?? null,
      again.audit?.baseUrlHost ?? null,
    ]);
    const queued = await this.#changed<JobRun>(RUN_AGAIN[kind], values);
    return jobs.map(({ job: { id } }) => queued.get(id)?.run);
  }

  async requeue(
    kind: JobKind,
    runs: readonly JobRun[],
  ): Promise<readonly (UnfinishedJob | undefined)[]> {
    const values = runs.map(({ id, run }) => [id, run]);
    const queued = await this.#changed<UnfinishedRow>(REQUEUE[kind], values);
    return runs.map(({ id }) => {
      const row = queued.get(id);
      return row && readUnfinished(row);
    });
  }

  async takeDue(kind: JobKind, until: Date, limit: number): Promise<readonly UnfinishedJob[]> {
    const due = await this.database.query<UnfinishedRow>(TAKE_DUE[kind], [until, limit]);
    return due.map(readUnfinished);
  }

  async stopWaiting(writeIds: readonly string[]): Promise<void> {
    await this.database.query(STOP_WAITING, [writeIds]);
  }

  async expire(kind: JobKind, limit: number): Promise<number> {
    let deleted = 0;
    for (const expire of EXPIRE)
      deleted += (await this.database.query(expire[kind], [limit - deleted])).length;
    return deleted;
  }

  async #whichChanged(
    sql: string,
    values: readonly (readonly unknown[])[],
  ): Promise<readonly boolean[]> {
    const changed = await this.#changed(sql, values);
    return values.map(([id]) => changed.has(String(id)));
  }

  /** @param values of each job, its id first. @returns the rows that changed, by their ids. */
  async #changed<Row extends { readonly id: string }>(
    sql: string,
    values: readonly (readonly unknown[])[],
  ): Promise<ReadonlyMap<string, Row>> {
    if (values.length === 0) return new Map();
    const rows = await this.database.query<Row>(sql, columnArrays(values));
    return new Map(rows.map((row) => [row.id, row]));
  }
}

async function acceptQueries(
  database: Database,
  queries: readonly NewQuery[],
): Promise<readonly undefined[]> {
  const rows = queries.map(({ id, asker, llmAccount, question, requestId, deadlineAt }) => [
    id,
    asker.accountId,
    asker.apiKeyId,
    llmAccount,
    storableJson(question),
    requestId,
    deadlineAt,
  ]);
  if (rows.length > 0) await database.query(INSERT_QUEUED_QUERIES, columnArrays(rows));
  return queries.map(() => undefined);
}

const readUnfinished = (row: UnfinishedRow): UnfinishedJob => ({
  id: row.id,
  run: row.run,
  accountId: row.account_id,
  llmAccount: row.llm_account,
  requestId: row.request_id,
  ageMs: row.age_ms,
  overdueMs: row.overdue_ms,
  needsKey: row.needs_key,
});
