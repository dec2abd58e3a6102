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

import { rememberAtOnce } from './remember-at-once.js';
import { rememberFact } from './remember-fact.js';
import type { Database } from '../sql/database.js';
import { type BatchLimits, GroupCommit } from '../sql/group-commit.js';
import { storableFailure, storableJson } from '../sql/storable.js';
import { acceptWrites, columnArrays } from './accept-writes.js';
import { type ClaimedRow, readClaim } from './claimed-rows.js';
import { completeQuery } from './complete-query.js';
import { WriteCompletion } from './complete-writes.js';
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

/** The function that inserts jobs, for each kind. */
const ACCEPT: {
  readonly [Kind in JobKind]: (
    database: Database,
    jobs: readonly JobTypes[Kind]['accepted'][],
  ) => Promise<readonly (AppError | undefined)[]>;
} = { write: acceptWrites, query: acceptQueries };

/** Claims are small: only their number is limited. A row is claimed once in each statement, so it never has two owners. */
const CLAIMS: BatchLimits<JobRun> = { maxItems: 64, keyOf: ({ id }) => id };

type Claim<Kind extends JobKind> = JobTypes[Kind]['claim'] | undefined;
type Succeed<Kind extends JobKind> = (job: SucceededJob<Kind>) => Promise<StoredResult | undefined>;

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
  readonly #claiming: { readonly [Kind in JobKind]: GroupCommit<JobRun, Claim<Kind>> } = {
    write: new GroupCommit((runs) => this.#claimAll('write', runs), CLAIMS),
    query: new GroupCommit((runs) => this.#claimAll('query', runs), CLAIMS),
  };
  readonly #succeed: { readonly [Kind in JobKind]: Succeed<Kind> };

  constructor(private readonly database: Database) {
    super();
    const writes = new WriteCompletion(database);
    this.#succeed = {
      write: (job) => writes.complete(job),
      query: (job) => completeQuery(database, job),
    };
  }

  accept<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly JobTypes[Kind]['accepted'][],
  ): Promise<readonly (AppError | undefined)[]> {
    return ACCEPT[kind](this.database, jobs);
  }

  async remember(write: RememberedWrite): Promise<Remembered> {
    const remembered = await rememberAtOnce(this.database, write);
    if (remembered) return remembered;
    const { asker, writesPerMonth: limit } = write;
    const call = { accountId: asker.accountId, kind: 'write', limit } as const;
    return withCountedCall(this.database, call, (statements, counted) =>
      rememberFact(statements, write, counted),
    );
  }

  claim<Kind extends JobKind>(
    kind: Kind,
    runs: readonly JobRun[],
  ): Promise<readonly Claim<Kind>[]> {
    return Promise.all(runs.map((run) => this.#claiming[kind].add(run)));
  }

  succeed<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly SucceededJob<Kind>[],
  ): Promise<readonly PromiseSettledResult<StoredResult | undefined>[]> {
    return Promise.allSettled(jobs.map((job) => this.#succeed[kind](job)));
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

  /** Not durable at once: see docs/decisions/2026-11-30-claims-wait-for-no-disk.md. */
  async #claimAll<Kind extends JobKind>(
    kind: Kind,
    runs: readonly JobRun[],
  ): Promise<readonly Claim<Kind>[]> {
    const claimed = await this.database.planned<ClaimedRow>({
      name: `claim_${kind}`,
      text: CLAIM[kind],
      values: columnArrays(runs.map(({ id, run }) => [id, run])),
      isDurable: false,
    });
    const rows = new Map(claimed.map((row) => [row.id, row]));
    return runs.map(({ id }) => {
      const row = rows.get(id);
      return row && readClaim(kind, row);
    });
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
