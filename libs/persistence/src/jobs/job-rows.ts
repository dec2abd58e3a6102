import type { Failure } from '@app/errors';
import type {
  Answer,
  ErasureJob,
  JobState,
  ListedKind,
  LlmAccount,
  Question,
  StoredJob,
  WriteResult,
} from '@app/memory';

import { type Stored, tenantOf } from '../sql/columns.js';
import { readQuestion, readWriteResult } from './stored-requests.js';

/** The SQL that reads one kind of job. Rows of all kinds get the same columns. */
interface JobSource {
  readonly table: string;
  /** The columns that only jobs with several runs have. */
  readonly runs: string;
  /** '' is the default tenant, '*' all tenants. */
  readonly tenant: string;
  readonly textKept: string;
  readonly question: string;
  readonly result: string;
}

const RUNS = 'attempt, run, llm_account, failure';

/** One entry for each kind of job: lists and reads cover all of them. */
export const JOB_SOURCES: Readonly<Record<ListedKind, JobSource>> = {
  write: {
    table: 'writes',
    runs: RUNS,
    tenant: 'tenant_id',
    textKept: 'request is not null',
    question: 'null::jsonb',
    result: 'result',
  },
  query: {
    table: 'queries',
    runs: RUNS,
    tenant: `coalesce(question #>> '{scope,tenantId}', '')`,
    textKept: `question ->> 'question' <> ''`,
    question: 'question',
    result: 'answer',
  },
  // An erasure has one run and one attempt, and never fails.
  erasure: {
    table: 'erasures',
    runs: '1 as attempt, 1 as run, null::text as llm_account, null::jsonb as failure',
    tenant: `coalesce(tenant_id, '*')`,
    textKept: 'false',
    question: 'null::jsonb',
    result: `jsonb_build_object('deletedCount', deleted_count)`,
  },
};

const FIELDS = 'id, account_id, state, created_at, started_at, finished_at, request_id';

export const selectJobs = (kind: ListedKind): string => {
  const { table, runs, tenant, textKept, question, result } = JOB_SOURCES[kind];
  return `select '${kind}' as kind, ${FIELDS}, ${runs}, ${tenant} as tenant_id, ${textKept} as text_kept, ${question} as question,
                 ${result} as result
            from ${table}`;
};

/** Bytes for the names of the fields, ids, times, and a failure. */
const FRAME_BYTES = 4_000;

/** The bytes that the row of a job adds to an answer: its result and its question, without the memories of the result. */
export const bytesOfJob = (kinds: readonly ListedKind[], id: string): string => {
  const sizes = kinds.map((kind) => {
    const { table, question, result } = JOB_SOURCES[kind];
    const parts = [result, question].map((part) => `coalesce(octet_length((${part})::text), 0)`);
    return `select ${parts.join(' + ')} as bytes from ${table} where id = ${id}`;
  });
  return `${FRAME_BYTES} + coalesce((select sum(bytes) from (${sizes.join(' union all ')}) as sizes), 0)::bigint`;
};

interface JobFields {
  readonly id: string;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly run: number;
  readonly llm_account: LlmAccount | null;
  readonly text_kept: boolean;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly request_id: string;
  readonly failure: Failure | null;
}

export type JobRow = JobFields &
  (
    | { readonly kind: 'write'; readonly result: Stored<WriteResult> | null }
    | {
        readonly kind: 'query';
        readonly question: Stored<Question>;
        readonly result: Answer | null;
      }
    | { readonly kind: 'erasure'; readonly result: ErasureJob['result'] }
  );

export function toJob(row: JobRow): StoredJob {
  const fields = {
    id: row.id,
    accountId: row.account_id,
    tenantId: tenantOf(row.tenant_id),
    state: row.state,
    attempts: row.attempt,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    requestId: row.request_id,
    failure: row.failure,
  };
  if (row.kind === 'erasure') return { ...fields, kind: 'erasure', result: row.result };
  const runs = { ...fields, run: row.run, llmAccount: row.llm_account, textKept: row.text_kept };
  return row.kind === 'write'
    ? { ...runs, kind: 'write', result: row.result && readWriteResult(row.result) }
    : { ...runs, kind: 'query', question: readQuestion(row.question), result: row.result };
}
