import type { JobKind, JobTypes, LlmAccount, Question, WriteResult } from '@app/memory';

import type { Stored } from '../sql/columns.js';
import { readQuestion, readWriteRequest } from './stored-requests.js';

/** A row that a claim returned. Only a write has `mode`, `request` and `llm_provider`; only a query has `question`. */
export interface ClaimedRow {
  readonly id: string;
  readonly run: number;
  readonly attempt: number;
  readonly account_id: string;
  readonly api_key_id: string;
  readonly llm_account: LlmAccount;
  readonly deadline_at: Date;
  readonly mode: WriteResult['mode'];
  readonly request: unknown;
  readonly llm_provider: string | null;
  readonly question: Stored<Question>;
}

export const readClaim = <Kind extends JobKind>(
  kind: Kind,
  row: ClaimedRow,
): JobTypes[Kind]['claim'] => READERS[kind](row);

const READERS: { readonly [Kind in JobKind]: (row: ClaimedRow) => JobTypes[Kind]['claim'] } = {
  write: (row) => ({
    ...fieldsOf(row),
    request: readWriteRequest(row.mode, row.request),
    callersProvider: row.llm_provider,
  }),
  query: (row) => ({ ...fieldsOf(row), question: readQuestion(row.question) }),
};

const fieldsOf = (row: ClaimedRow) => ({
  id: row.id,
  run: row.run,
  attempt: row.attempt,
  asker: { accountId: row.account_id, apiKeyId: row.api_key_id },
  llmAccount: row.llm_account,
  deadlineAt: row.deadline_at,
});
