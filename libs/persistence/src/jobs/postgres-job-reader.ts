import {
  ALL_TENANTS,
  type JobPage,
  JobReader,
  LISTED_KINDS,
  type ListedKind,
  type ListJobs,
  MEMORY_BUDGET_BYTES,
  type StoredJob,
  type WriteJob,
} from '@app/memory';

import { clock, Values } from '../sql/statements.js';
import { isUuid, tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { bytesOfJob, JOB_SOURCES, type JobRow, selectJobs, toJob } from './job-rows.js';

export class PostgresJobReader extends JobReader {
  constructor(private readonly database: Database) {
    super();
  }

  async find(accountId: string, jobId: string, kind?: ListedKind): Promise<StoredJob | undefined> {
    if (!isUuid(jobId)) return undefined;
    const sql = selectOne(
      'id = $1 and account_id = $2',
      kind === undefined ? LISTED_KINDS : [kind],
    );
    const [row] = await this.database.read(accountId, (statements) =>
      statements.prepared<JobRow>(sql, [jobId, accountId]),
    );
    return row && toJob(row);
  }

  async findOfAnyone(jobId: string): Promise<StoredJob | undefined> {
    if (!isUuid(jobId)) return undefined;
    const sql = selectOne('id = $1', LISTED_KINDS);
    const [row] = await this.database.query<JobRow>(sql, [jobId]);
    return row && toJob(row);
  }

  async list(
    { scope, state, kind, limit, after }: ListJobs,
    signal?: AbortSignal,
  ): Promise<JobPage> {
    const values = new Values();
    const account = values.add(scope.accountId);
    const tenant =
      scope.tenantId === ALL_TENANTS ? undefined : values.add(tenantColumn(scope.tenantId));
    const inState = state === undefined ? undefined : values.add(state);
    const before = after && [values.add(after.createdAt), values.add(after.id)];
    // The statement finds one row more than the page shows, to see whether more jobs follow.
    const newest = `order by created_at desc, id desc limit ${values.add(limit + 1)}`;
    // Each kind is read in the order of its index and cut to a page before all kinds are sorted together.
    const ofKind = (one: ListedKind): string => {
      const conditions = [
        `account_id = ${account}`,
        ...(tenant === undefined ? [] : [`${JOB_SOURCES[one].tenant} = ${tenant}`]),
        ...(inState === undefined ? [] : [`state = ${inState}`]),
        ...(before ? [`(created_at, id) < (${before[0]}, ${before[1]}::uuid)`] : []),
      ];
      const { table } = JOB_SOURCES[one];
      return `(select id, created_at from ${table} where ${conditions.join(' and ')} ${newest})`;
    };
    const kinds = kind === undefined ? LISTED_KINDS : [kind];
    const ids = `select * from (${kinds.map(ofKind).join(' union all ')}) as ids ${newest}`;
    const sql = selectPage(ids, kinds, account);
    const rows = await this.database.read(
      scope.accountId,
      (statements) => statements.query<JobRow & { readonly found: number }>(sql, values.list),
      signal,
    );
    const jobs = rows.slice(0, limit).map(toJob);
    return { jobs, hasMore: (rows[0]?.found ?? 0) > jobs.length };
  }

  async textOf({ id, accountId }: WriteJob): Promise<unknown> {
    const [row] = await this.database.query<{ request: unknown }>(
      'select request from writes where id = $1 and account_id = $2',
      [id, accountId],
    );
    return row?.request ?? null;
  }

  async isWaitedFor(writeId: string): Promise<boolean> {
    const [row] = await this.database.query<{ waiting: boolean }>(
      'select waiting from writes where id = $1',
      [writeId],
    );
    return row?.waiting ?? false;
  }

  now(): Promise<Date> {
    return clock(this.database);
  }
}

/** An id names a job of one kind only. */
const selectOne = (where: string, kinds: readonly ListedKind[]): string =>
  kinds.map((kind) => `${selectJobs(kind)} where ${where}`).join(' union all ');

/**
 * The first jobs of a page, as many as one answer has room for. The recursion adds up the sizes row by row and stops when
 * the answer is full: the remaining rows are not read.
 * @param ids a query for the ids of the page, in its order; each is a job of one of `kinds`.
 */
function selectPage(ids: string, kinds: readonly ListedKind[], account: string): string {
  const ofKinds = kinds.map(
    (kind) => `${selectJobs(kind)} where id = weighed.id and account_id = ${account}`,
  );
  return `
    with recursive page as materialized (
      select row_number() over (order by created_at desc, id desc) as nth, id from (${ids}) as listed
    ), weighed as (
      select 0::bigint as nth, null::uuid as id, 0::bigint as bytes
      union all
      select page.nth, page.id, weighed.bytes + ${bytesOfJob(kinds, 'page.id')}
        from weighed join page on page.nth = weighed.nth + 1
       where weighed.bytes <= ${MEMORY_BUDGET_BYTES}
    )
    select jobs.*, (select count(*)::int from page) as found
      from weighed cross join lateral (${ofKinds.join(' union all ')}) as jobs
     where weighed.nth = 1 or weighed.bytes <= ${MEMORY_BUDGET_BYTES}
     order by weighed.nth`;
}
