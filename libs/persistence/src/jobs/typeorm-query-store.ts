import { AppError, type Failure } from '@app/errors';
import {
  type Answer,
  type LlmAccount,
  type NewQuery,
  type QueryClaim,
  type Question,
  QueryStore,
} from '@app/memory';

import type { Stored } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { recordUsage } from './record-usage.js';
import { storableCount, storableFailure, storableJson } from '../sql/storable.js';
import { NOW } from '../sql/statements.js';
import { readQuestion } from './stored-requests.js';

const ACCEPT = `
  insert into queries (id, account_id, api_key_id, llm_account, question, request_id, deadline_at, state, run, attempt, created_at,
                       next_check_at)
  values ($1, $2, $3, $4, $5::jsonb, $6, $7, 'queued', 1, 0, now(), now() + interval '1 minute')`;

const CLAIM = `
  update queries
     set state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, ${NOW})
   where id = $1 and run = $2 and state in ('queued', 'running')
  returning attempt, account_id, api_key_id, question, llm_account, deadline_at`;

const OWNED = `id = $1 and run = $2 and attempt = $3 and state = 'running'`;
/** What an answer rests on stays until the answer is stored: whoever erases it after that finds the answer as well. */
const HOLD = `
  select id from memories where account_id = $1 and id = any($2::uuid[]) order by id for key share`;
const COMPLETE = `
  update queries
     set state = 'succeeded', finished_at = ${NOW}, answer = $4, next_check_at = null, failure = null,
         llm_calls = $5, input_tokens = $6, output_tokens = $7
   where ${OWNED} returning id`;
const FAIL = `
  update queries set state = 'failed', finished_at = ${NOW}, failure = $4, next_check_at = null where ${OWNED} returning id`;
const HAND_BACK = `update queries set state = 'queued' where ${OWNED} returning id`;

/** Nobody was told of a row in its first run: the words of the question go at once. */
const WITHDRAW = `
  update queries
     set state = 'failed', finished_at = ${NOW}, failure = $2, next_check_at = null,
         question = case when run = 1 then jsonb_set(question, '{question}', '""') else question end
   where id = $1 and state = 'queued'`;

interface ClaimedRow {
  readonly attempt: number;
  readonly account_id: string;
  readonly api_key_id: string;
  readonly question: Stored<Question>;
  readonly llm_account: LlmAccount;
  readonly deadline_at: Date;
}

/** Asynchronous queries, by the same guards as writes. */
export class TypeOrmQueryStore extends QueryStore {
  constructor(private readonly database: Database) {
    super();
  }

  async accept({
    id,
    asker,
    llmAccount,
    question,
    requestId,
    deadlineAt,
  }: NewQuery): Promise<void> {
    await this.database.query(ACCEPT, [
      id,
      asker.accountId,
      asker.apiKeyId,
      llmAccount,
      storableJson(question),
      requestId,
      deadlineAt,
    ]);
  }

  async claim(queryId: string, run: number): Promise<QueryClaim | undefined> {
    const [row] = await this.database.query<ClaimedRow>(CLAIM, [queryId, run]);
    if (row === undefined) return undefined;
    return {
      queryId,
      run,
      attempt: row.attempt,
      asker: { accountId: row.account_id, apiKeyId: row.api_key_id },
      question: readQuestion(row.question),
      llmAccount: row.llm_account,
      deadlineAt: row.deadline_at,
    };
  }

  complete(claim: QueryClaim, answer: Answer): Promise<boolean> {
    const { generation } = answer;
    const { byoLlm } = generation;
    const calls = storableCount(generation.llmCalls);
    const usage = {
      inputTokens: storableCount(generation.usage.inputTokens),
      outputTokens: storableCount(generation.usage.outputTokens),
    };
    const told = { ...answer, generation: { ...generation, llmCalls: calls, usage } };
    const { accountId } = claim.asker;
    const memoryIds = answer.hits.map(({ memoryId }) => memoryId);
    return this.database.keep(accountId, async (statements) => {
      const held = await statements.query(HOLD, [accountId, memoryIds]);
      if (held.length < new Set(memoryIds).size) throw restsOnErased();
      const { queryId, run, attempt } = claim;
      const values = [queryId, run, attempt, storableJson(told), calls];
      const won = await statements.query(COMPLETE, [
        ...values,
        usage.inputTokens,
        usage.outputTokens,
      ]);
      if (won.length === 0) return false;
      const owner = byoLlm ? 'caller' : 'bundled';
      await recordUsage(statements, { accountId, owner, calls, ...usage });
      return true;
    });
  }

  fail(claim: QueryClaim, failure: Failure): Promise<boolean> {
    return this.#owned(FAIL, claim, storableFailure(failure));
  }

  handBack(claim: QueryClaim): Promise<boolean> {
    return this.#owned(HAND_BACK, claim);
  }

  async withdraw(queryId: string, failure: Failure): Promise<void> {
    await this.database.query(WITHDRAW, [queryId, storableFailure(failure)]);
  }

  async #owned(
    sql: string,
    { queryId, run, attempt }: QueryClaim,
    ...more: readonly unknown[]
  ): Promise<boolean> {
    return (await this.database.query(sql, [queryId, run, attempt, ...more])).length === 1;
  }
}

/** Its text must not come back. Asked again, the question is answered from what is left. */
const restsOnErased = (): AppError =>
  new AppError('unavailable', 'A memory was erased while it was used for this answer.', {
    retryAfterMs: 1_000,
  });
