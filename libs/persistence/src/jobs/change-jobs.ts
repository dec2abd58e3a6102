import { CHECK_EVERY_MS, type JobKind, type NewRun } from '@app/memory';

import { JOB_SOURCES } from './job-rows.js';
import { NOW } from '../sql/statements.js';

/**
 * Upkeep looks at rows whose check is due within CHECK_EVERY_MS when the queue was emptied. So much later, and it leaves
 * alone what is about to be enqueued by whoever runs it again.
 */
const ENQUEUED_WITHIN_MS = 15_000;
const NEXT_CHECK = `now() + interval '${CHECK_EVERY_MS + ENQUEUED_WITHIN_MS} milliseconds'`;

/** $1 to $3 say which row, and which run of it was seen to fail. */
const runAgain = (kind: JobKind, more: string): string => `
  update ${JOB_SOURCES[kind].table}
     set state = 'queued', run = run + 1, failure = null, started_at = null, finished_at = null, next_check_at = ${NEXT_CHECK},
         llm_account = $4, deadline_at = $5, request_id = $6 ${more}
   where id = $1 and account_id = $2 and run = $3 and state = 'failed' and ${JOB_SOURCES[kind].textKept}
  returning run`;

const RUN_AGAIN: Readonly<Record<JobKind, string>> = {
  write: runAgain(
    'write',
    ', waiting = $7, llm_provider = $8, llm_model = $9, llm_base_url_host = $10',
  ),
  query: runAgain('query', ''),
};

export function runAgainStatement(kind: JobKind, again: NewRun): [string, readonly unknown[]] {
  const { llmAccount, deadlineAt, requestId, waiting, audit } = again;
  const ofWrites = [
    waiting,
    audit?.provider ?? null,
    audit?.model ?? null,
    audit?.baseUrlHost ?? null,
  ];
  const values = [llmAccount, deadlineAt, requestId, ...(kind === 'write' ? ofWrites : [])];
  return [RUN_AGAIN[kind], values];
}

/** What a person said or asked goes at once. */
const TEXT_ERASED: Readonly<Record<JobKind, string>> = {
  write: 'request = null',
  query: `question = jsonb_set(question, '{question}', '""')`,
};

export const cancelStatement = (kind: JobKind): string => `
  update ${JOB_SOURCES[kind].table}
     set state = 'cancelled', finished_at = ${NOW}, next_check_at = null, failure = null, ${TEXT_ERASED[kind]}
   where id = $1 and account_id = $2 and state in ('queued', 'running')
  returning run`;
