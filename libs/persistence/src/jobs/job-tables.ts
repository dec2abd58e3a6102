import type { JobKind } from '@app/memory';

/** The differences between the tables of writes and queries. `job` is the alias of the row. */
export interface JobTable {
  readonly table: string;
  /** A condition besides the state: a row that does not meet it cannot be claimed. */
  readonly claimable: string;
  /** Columns that only the claim of this kind has. */
  readonly claimed: string;
  /** The caller's key is needed for the next attempt, and is only in the queue. */
  readonly needsKey: string;
  /** Whether the row has the text that another run needs. */
  readonly textKept: string;
  /** Columns of a new run that only this kind has. */
  readonly ofNewRun: string;
  /** The SET clause of each transition for the text of the row. `given.result` is the result of the job. */
  readonly text: {
    readonly succeeded: string;
    readonly failed: string;
    readonly withdrawn: string;
    readonly cancelled: string;
    readonly erased: string;
  };
}

export const JOB_TABLES: Readonly<Record<JobKind, JobTable>> = {
  write: {
    table: 'writes',
    claimable: 'job.request is not null',
    claimed: 'job.mode, job.request, job.llm_provider',
    // A content write succeeds without the key too: its fact is then stored without a comparison.
    needsKey: `(job.llm_account = 'caller' and job.mode = 'messages')`,
    textKept: 'job.request is not null',
    ofNewRun: `, waiting = given.waiting, llm_provider = given.llm_provider, llm_model = given.llm_model,
      llm_base_url_host = given.llm_base_url_host`,
    text: {
      // complete-write.ts and complete-writes.ts store the result of a write.
      succeeded: 'request = null',
      // In the first run, a caller that waits has just sent the text and gets the failure. In a later run it sent no text.
      failed: 'request = case when job.waiting and job.run = 1 then null else job.request end',
      // The caller of a first run was given no job id, so it cannot ask for another run.
      withdrawn: 'request = case when job.run = 1 then null else job.request end',
      cancelled: 'request = null',
      erased: 'request = null, result = null',
    },
  },
  query: {
    table: 'queries',
    claimable: 'true',
    claimed: 'job.question',
    needsKey: `(job.llm_account = 'caller')`,
    textKept: `job.question ->> 'question' <> ''`,
    ofNewRun: '',
    text: {
      succeeded: 'answer = given.result::jsonb',
      failed: 'question = job.question',
      withdrawn: `question = case when job.run = 1 then jsonb_set(job.question, '{question}', '""') else job.question end`,
      cancelled: `question = jsonb_set(job.question, '{question}', '""')`,
      // The scope stays: it says which keys may see the job.
      erased: `question = job.question || '{"question": "", "filter": {}}', answer = null`,
    },
  },
};
