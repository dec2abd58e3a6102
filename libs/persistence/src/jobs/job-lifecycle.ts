import {
  CHECK_INTERVAL_MS,
  ENQUEUE_TIMEOUT_MS,
  FAILED_RETENTION_MS,
  SUCCEEDED_RETENTION_MS,
} from '@app/jobs/policy';
import type { JobKind } from '@app/memory';

import { msAsInterval, NOW } from '../sql/statements.js';
import { JOB_TABLES, type JobTable } from './job-tables.js';

/**
 * The only file whose SQL writes the state of a job. Each transition is one statement over a list of rows, guarded by the
 * state that a row must have. docs/architecture.md has all of them in one table.
 */

const NEXT_CHECK = `now() + ${msAsInterval(CHECK_INTERVAL_MS)}`;
/**
 * When upkeep checks all rows, it takes each row whose check is due within CHECK_INTERVAL_MS. The check of a row that runs
 * again is due later, so that its job does not count as lost before the gateway has enqueued it. A new row is protected by
 * its age.
 */
const NEXT_CHECK_WHEN_ENQUEUED = `now() + ${msAsInterval(CHECK_INTERVAL_MS + ENQUEUE_TIMEOUT_MS)}`;

const UNFINISHED = `job.state in ('queued', 'running')`;
const OF_THIS_RUN = 'job.run = given.run';
/**
 * The attempt of the claim still has the row: no other attempt, retry, cancellation or erasure came between. A lower number in
 * the row says that a crash of Postgres has forgotten the claim (docs/decisions/2026-11-30-claims-wait-for-no-disk.md).
 */
const OWNED_BY_ATTEMPT = `${UNFINISHED} and (job.attempt = given.attempt and job.state = 'running' or job.attempt < given.attempt)`;
const OWNED = `${OF_THIS_RUN} and ${OWNED_BY_ATTEMPT}`;
const OWNED_OR_UPKEEP = `${OF_THIS_RUN} and ${UNFINISHED} and (given.attempt is null or ${OWNED_BY_ATTEMPT})`;

const FAILED = `state = 'failed', finished_at = ${NOW}, failure = given.failure::jsonb, next_check_at = null`;
const CANCELLED = `state = 'cancelled', finished_at = ${NOW}, next_check_at = null, failure = null`;

type Statement = Readonly<Record<JobKind, string>>;

const bothKinds = (sqlOf: (kind: JobTable) => string): Statement => ({
  write: sqlOf(JOB_TABLES.write),
  query: sqlOf(JOB_TABLES.query),
});

/**
 * An UPDATE of the given rows for which `guard` holds. They are locked in the order of their ids first: two lists with rows
 * in common wait for each other and never deadlock.
 * @param given the columns of the list, each with its type; `id` is the first. The parameters are arrays, in this order.
 */
const transition = (
  { table }: JobTable,
  given: string,
  guard: string,
  changes: string,
  returned = 'job.id',
): string => {
  const columns = given.split(', ').map((column) => column.split(' '));
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
  return `
    with given as materialized (
      select given.* from unnest(${arrays.join(', ')}) as given(${columns.map(([name]) => name).join(', ')})
        join ${table} as job on job.id = given.id where ${guard} order by job.id for update of job
    )
    update ${table} as job set ${changes} from given where job.id = given.id returning ${returned}`;
};

const QUEUED = `'queued', 1, 0, now(), ${NEXT_CHECK}`;

/** @param from a FROM clause: `w` has the first 13 columns, `counted` the quota slot in which each write was counted. */
export const insertQueuedWrites = (from: string): string => `
  insert into writes (id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request,
                      request_id, waiting, deadline_at, mode, state, run, attempt, created_at, next_check_at,
                      quota_period, quota_slot)
  select w.*, ${QUEUED}, counted.period, counted.slot ${from}
  returning id`;

/**
 * Inserts a content write that needs no worker, in the transaction that stores its memory.
 * @param from a FROM clause whose `w` has the columns that are not fixed here.
 */
export const insertSucceededWrite = (from: string): string => `
  insert into writes (id, account_id, api_key_id, tenant_id, mode, state, run, attempt, request_id, waiting,
                      created_at, started_at, finished_at, result, quota_period, quota_slot)
  select w.id, w.account_id, w.api_key_id, w.tenant_id, 'content', 'succeeded', 1, 1, w.request_id, false,
         w.now, w.now, w.now, w.result, w.quota_period, w.quota_slot
    ${from}`;

export const INSERT_QUEUED_QUERIES = `
  insert into queries (id, account_id, api_key_id, llm_account, question, request_id, deadline_at,
                       state, run, attempt, created_at, next_check_at)
  select q.id, q.account_id, q.api_key_id, q.llm_account, q.question::jsonb, q.request_id, q.deadline_at, ${QUEUED}
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
      as q(id, account_id, api_key_id, llm_account, question, request_id, deadline_at)`;

export const CLAIM = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, run int',
    `${OF_THIS_RUN} and ${UNFINISHED} and ${kind.claimable}`,
    `state = 'running', attempt = job.attempt + 1, started_at = coalesce(job.started_at, ${NOW})`,
    `job.id, job.run, job.attempt, job.account_id, job.api_key_id, job.llm_account, job.deadline_at, ${kind.claimed}`,
  ),
);

/** @param finishedAt the time of Postgres' clock. */
const succeeded = (finishedAt: string): string => `
  state = 'succeeded', attempt = given.attempt, started_at = coalesce(job.started_at, ${finishedAt}), finished_at = ${finishedAt},
  next_check_at = null, failure = null, llm_calls = given.llm_calls, input_tokens = given.input_tokens,
  output_tokens = given.output_tokens`;

export const SUCCEED = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, run int, attempt int, llm_calls int, input_tokens int, output_tokens int, result text',
    OWNED,
    `${succeeded(NOW)}, ${kind.text.succeeded}`,
    'job.id, job.finished_at as now',
  ),
);

/**
 * The first half of SUCCEED for complete-writes.ts: the rows of `given` whose attempt still has its write, locked in the order
 * of `given`. Postgres cannot flatten a lateral subquery that locks rows, so it looks each row up by its id in every plan.
 */
export const LOCK_OWNED_WRITES = `
  select given.*, job.account_id, job.api_key_id, job.tenant_id
    from given cross join lateral (
      select job.account_id, job.api_key_id, job.tenant_id from writes as job where job.id = given.id and ${OWNED} for update
    ) as job`;

/** The second half. @param from a FROM clause with the locked rows as `given`. @param result SQL for the result of a write. */
export const succeedWrites = (from: string, finishedAt: string, result: string): string => `
  update writes as job set ${succeeded(finishedAt)}, ${JOB_TABLES.write.text.succeeded}, result = ${result}
    ${from} where job.id = given.id`;

export const FAIL = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, run int, attempt int, failure text',
    OWNED_OR_UPKEEP,
    `${FAILED}, ${kind.text.failed}`,
  ),
);

export const HAND_BACK = bothKinds((kind) =>
  transition(kind, 'id uuid, run int, attempt int', OWNED, `state = 'queued'`),
);

const withdraw = (kind: JobTable, returned?: string): string =>
  transition(
    kind,
    'id uuid, failure text',
    `job.state = 'queued'`,
    `${FAILED}, ${kind.text.withdrawn}`,
    returned,
  );

/** Subtracts withdrawn writes of a first run from the quota slots that counted them. Slots are locked in the same order as by a count. */
export const WITHDRAW: Statement = {
  query: withdraw(JOB_TABLES.query),
  write: `
    with withdrawn as (
      ${withdraw(JOB_TABLES.write, 'job.id, job.run, job.account_id, job.quota_period, job.quota_slot')}
    ), counted as (
      select account_id, quota_period, quota_slot, count(*)::int as calls from withdrawn where run = 1 group by 1, 2, 3
    ), slots as materialized (
      select q.account_id, q.period, q.slot, counted.calls from quota_slots as q join counted
          on q.account_id = counted.account_id and q.period = counted.quota_period and q.slot = counted.quota_slot
       where q.kind = 'write' order by q.account_id, q.slot for update of q
    ), uncounted as (
      update quota_slots as q set used = greatest(q.used - slots.calls, 0) from slots
       where q.account_id = slots.account_id and q.period = slots.period and q.kind = 'write' and q.slot = slots.slot
    )
    select id from withdrawn`,
};

export const CANCEL = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, account_id uuid',
    `job.account_id = given.account_id and ${UNFINISHED}`,
    `${CANCELLED}, ${kind.text.cancelled}`,
    'job.id, job.run',
  ),
);

/** Only a write has `waiting`, `llm_provider`, `llm_model` and `llm_base_url_host`: a query ignores them. */
export const RUN_AGAIN = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, account_id uuid, run int, llm_account text, deadline_at timestamptz, request_id text, waiting boolean, llm_provider text, llm_model text, llm_base_url_host text',
    `job.account_id = given.account_id and ${OF_THIS_RUN} and job.state = 'failed' and ${kind.textKept}`,
    `state = 'queued', run = job.run + 1, failure = null, started_at = null, finished_at = null,
     next_check_at = ${NEXT_CHECK_WHEN_ENQUEUED}, llm_account = given.llm_account, deadline_at = given.deadline_at,
     request_id = given.request_id ${kind.ofNewRun}`,
    'job.id, job.run',
  ),
);

const MS_SINCE = (column: string): string =>
  `(extract(epoch from now() - ${column}) * 1000)::float8`;
const unfinished = ({
  needsKey,
}: JobTable): string => `job.id, job.run, job.account_id, job.llm_account, job.request_id,
  ${MS_SINCE('job.created_at')} as age_ms, ${MS_SINCE('job.deadline_at')} as overdue_ms, ${needsKey} as needs_key`;

export const REQUEUE = bothKinds((kind) =>
  transition(
    kind,
    'id uuid, run int',
    `${OF_THIS_RUN} and ${UNFINISHED}`,
    `state = 'queued', run = job.run + 1, next_check_at = ${NEXT_CHECK}`,
    unfinished(kind),
  ),
);

/** Materialised, so that the limit applies once: inside a join, Postgres could run the subquery again for each row. */
export const TAKE_DUE = bothKinds(
  (kind) => `
    with due as materialized (
      select id from ${kind.table} where next_check_at < $1 order by next_check_at limit $2 for update skip locked
    )
    update ${kind.table} as job set next_check_at = ${NEXT_CHECK}
      from due where job.id = due.id and ${UNFINISHED}
    returning ${unfinished(kind)}`,
);

export const STOP_WAITING = `
  update writes as job set waiting = false where id = any($1::uuid[]) and ${UNFINISHED}`;

const expire = (kept: string) =>
  bothKinds(
    ({ table }) => `
      with expired as materialized (
        select id from ${table} where ${kept} order by finished_at limit $1 for update skip locked
      )
      delete from ${table} using expired where ${table}.id = expired.id returning ${table}.id`,
  );

/** One statement for rows without a failure and one for failed rows: the conditions are those of the two indexes. */
export const EXPIRE = [
  expire(
    `finished_at is not null and failure is null and finished_at < now() - ${msAsInterval(SUCCEEDED_RETENTION_MS)}`,
  ),
  expire(`failure is not null and finished_at < now() - ${msAsInterval(FAILED_RETENTION_MS)}`),
];

/** Cancels unfinished jobs that an erasure covers. @param covered a condition on `job`. @param limit a number or parameter. */
export const cancelCovered = (kind: JobKind, covered: string, limit: string): string => `
  with covered as materialized (
    select id from ${JOB_TABLES[kind].table} as job where ${covered} and ${UNFINISHED} order by id limit ${limit} for update
  )
  update ${JOB_TABLES[kind].table} as job set ${CANCELLED}, ${JOB_TABLES[kind].text.erased}
    from covered where job.id = covered.id
  returning job.id, job.run`;

export const ERASURE_COLUMNS = 'id, account_id, api_key_id, extent, tenant_id, created_at';

/**
 * `created_at` is one millisecond in the future: times are rounded, and a row that was stored just before the erasure must
 * not count as later.
 */
export const ACCEPT_ERASURE = `
  insert into erasures (id, account_id, api_key_id, extent, tenant_id, request_id, state, created_at)
  values ($1, $2, $3, $4, $5, $6, 'queued', ${NOW} + ${msAsInterval(1)})
  returning ${ERASURE_COLUMNS}`;

export const START_ERASURE = `
  update erasures set state = 'running', started_at = ${NOW} where id = $1 and state = 'queued'`;

/** Adds to the counts; the first counted batch starts the erasure. */
export const COUNT_ERASED = `
  update erasures
     set deleted_count = deleted_count + $2, turn_count = turn_count + $3, job_count = job_count + $4,
         state = case state when 'queued' then 'running' else state end, started_at = coalesce(started_at, ${NOW})
   where id = $1`;

/** The receipt in the audit holds ids and counts. */
export const FINISH_ERASURE = `
  with ended as (
    update erasures set state = 'succeeded', finished_at = ${NOW} where id = $1 and finished_at is null returning *
  ), receipt as (
    insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
    select account_id, null, tenant_id, extent || '.erased', finished_at, api_key_id,
           jsonb_build_object('erasure_id', id, 'memories', deleted_count, 'turns', turn_count, 'jobs', job_count)
      from ended
  )
  select deleted_count from erasures where id = $1`;
