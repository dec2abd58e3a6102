import type { AppError } from '@app/errors';
import { isContent, type NewWrite } from '@app/memory';

import { tenantColumn } from './columns.js';
import type { Database } from './database.js';

const COLUMNS = `id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request,
  request_id, waiting, deadline_at, mode, state, run, attempt, created_at, next_check_at`;
const REST = `'queued', 1, 0, now(), now() + interval '1 minute'`;

/** One row has a statement of its own: measured, the form for many takes half as long again for one. */
const ACCEPT_ONE = `insert into writes (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, ${REST})`;
const ACCEPT_MANY = `
  insert into writes (${COLUMNS})
  select w.*, ${REST}
    from (select id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request::jsonb,
                 request_id, waiting, deadline_at, mode
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                        $10::text[], $11::boolean[], $12::timestamptz[], $13::text[])
              as w(id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request,
                   request_id, waiting, deadline_at, mode)) as w`;

/** One statement, and so one commit, for any number of writes: all of them are durable, or none. */
export async function acceptWrites(
  database: Database,
  writes: readonly NewWrite[],
): Promise<readonly (AppError | undefined)[]> {
  const rows = writes.map(columnsOf);
  const [first] = rows;
  if (first === undefined) return [];
  if (rows.length === 1) await database.prepared('accept_one', ACCEPT_ONE, first);
  else
    await database.prepared(
      'accept_many',
      ACCEPT_MANY,
      first.map((_, column) => rows.map((row) => row[column])),
    );
  return writes.map(() => undefined);
}

function columnsOf({
  id,
  asker,
  request,
  llmAccount,
  audit,
  requestId,
  waiting,
  deadlineAt,
}: NewWrite): readonly unknown[] {
  return [
    id,
    asker.accountId,
    asker.apiKeyId,
    tenantColumn(request.tenantId),
    llmAccount,
    audit?.provider ?? null,
    audit?.model ?? null,
    audit?.baseUrlHost ?? null,
    JSON.stringify(request),
    requestId,
    waiting,
    deadlineAt,
    isContent(request) ? 'content' : 'messages',
  ];
}
