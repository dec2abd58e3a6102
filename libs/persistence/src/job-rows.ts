import type { Failure } from '@app/errors';
import type {
  Answer,
  JobState,
  ListedKind,
  LlmAccount,
  Question,
  StoredJob,
  WriteResult,
} from '@app/memory';

import { type Stored, tenantOf } from './columns.js';
import { readQuestion, readWriteResult } from './stored-requests.js';

/** How one kind of job is read, so that rows of all kinds have the same columns. */
interface JobSource {
  readonly table: string;
  /** '' is the default tenant, '*' all of them. */
  readonly tenant: string;
  readonly textKept: string;
  readonly question: string;
  readonly result: string;
}

/** One entry a kind: what lists, finds and changes jobs goes through all of them. */
export const JOB_SOURCES: Readonly<Record<ListedKind, JobSource>> = {
  write: {
    table: 'writes',
    tenant: 'tenant_id',
    textKept: 'request is not null',
    question: 'null::jsonb',
    result: 'result',
  },
  query: {
    table: 'queries',
    tenant: `coalesce(question #>> '{scope,tenantId}', '')`,
    textKept: `question ->> 'question' <> ''`,
    question: 'question',
    result: 'answer',
  },
};

const FIELDS = `id, account_id, state, attempt, run, llm_account, created_at, started_at, finished_at, request_id, failure`;

export const selectJobs = (kind: ListedKind): string => {
  const { table, tenant, textKept, question, result } = JOB_SOURCES[kind];
  return `select '${kind}' as kind, ${FIELDS}, ${tenant} as tenant_id, ${textKept} as text_kept, ${question} as question,
                 ${result} as result
            from ${table}`;
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
  );

export function toJob(row: JobRow): StoredJob {
  const fields = {
    id: row.id,
    accountId: row.account_id,
    tenantId: tenantOf(row.tenant_id),
    state: row.state,
    attempts: row.attempt,
    run: row.run,
    llmAccount: row.llm_account,
    textKept: row.text_kept,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    requestId: row.request_id,
    failure: row.failure,
  };
  return row.kind === 'write'
    ? { ...fields, kind: 'write', result: readWriteResult(row.result) }
    : { ...fields, kind: 'query', question: readQuestion(row.question), result: row.result };
}
