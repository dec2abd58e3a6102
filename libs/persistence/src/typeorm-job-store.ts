import {
  ALL_TENANTS,
  JobStore,
  LISTED_KINDS,
  type ListedKind,
  type ListJobs,
  type NewRun,
  type RunnableJob,
  type StoredJob,
  type WriteJob,
} from '@app/memory';

import { cancelStatement, runAgainStatement } from './change-jobs.js';
import { isUuid, tenantColumn } from './columns.js';
import type { Database } from './database.js';
import { JOB_SOURCES, type JobRow, selectJobs, toJob } from './job-rows.js';
import { Values } from './statements.js';

export class TypeOrmJobStore extends JobStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(accountId: string, jobId: string): Promise<StoredJob | undefined> {
    if (!isUuid(jobId)) return undefined;
    return this.#findOne('id = $1 and account_id = $2', [jobId, accountId]);
  }

  async findOfAnyone(jobId: string): Promise<StoredJob | undefined> {
    return isUuid(jobId) ? this.#findOne('id = $1', [jobId]) : undefined;
  }

  async list({ scope, state, kind, limit, after }: ListJobs): Promise<readonly StoredJob[]> {
    const values = new Values();
    const account = values.add(scope.accountId);
    const tenant =
      scope.tenantId === ALL_TENANTS ? undefined : values.add(tenantColumn(scope.tenantId));
    const inState = state === undefined ? undefined : values.add(state);
    const before = after && [values.add(after.createdAt), values.add(after.id)];
    const most = values.add(limit);
    const newest = `order by created_at desc, id desc limit ${most}`;
    // Each kind is cut to a page before they are put in one order: both steps follow an index.
    const ofKind = (one: ListedKind): string => {
      const conditions = [
        `account_id = ${account}`,
        ...(tenant === undefined ? [] : [`${JOB_SOURCES[one].tenant} = ${tenant}`]),
        ...(inState === undefined ? [] : [`state = ${inState}`]),
        ...(before ? [`(created_at, id) < (${before[0]}, ${before[1]}::uuid)`] : []),
      ];
      return `(${selectJobs(one)} where ${conditions.join(' and ')} ${newest})`;
    };
    const kinds = kind === undefined ? LISTED_KINDS : [kind];
    const rows = await this.database.query<JobRow>(
      `select * from (${kinds.map(ofKind).join(' union all ')}) as jobs ${newest}`,
      values.list,
    );
    return rows.map(toJob);
  }

  async textOf({ id, accountId }: WriteJob): Promise<unknown> {
    const [row] = await this.database.query<{ request: unknown }>(
      'select request from writes where id = $1 and account_id = $2',
      [id, accountId],
    );
    return row?.request ?? null;
  }

  async runAgain(
    { kind, id, accountId, run }: RunnableJob,
    again: NewRun,
  ): Promise<number | undefined> {
    const [sql, values] = runAgainStatement(kind, again);
    return this.#runOf(sql, [id, accountId, run, ...values]);
  }

  async cancel({ kind, id, accountId }: RunnableJob): Promise<number | undefined> {
    return this.#runOf(cancelStatement(kind), [id, accountId]);
  }

  async #runOf(sql: string, values: readonly unknown[]): Promise<number | undefined> {
    const [row] = await this.database.query<{ run: number }>(sql, values);
    return row?.run;
  }

  /** No two kinds have a job of one id. */
  async #findOne(where: string, values: readonly unknown[]): Promise<StoredJob | undefined> {
    const ofKinds = LISTED_KINDS.map((kind) => `${selectJobs(kind)} where ${where}`);
    const [row] = await this.database.query<JobRow>(ofKinds.join(' union all '), values);
    return row && toJob(row);
  }
}
