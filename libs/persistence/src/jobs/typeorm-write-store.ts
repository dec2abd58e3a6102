import type { AppError, Failure } from '@app/errors';
import {
  type ExtractedFacts,
  type LlmAccount,
  type NewWrite,
  type Remembered,
  type WriteClaim,
  type WriteResult,
  WriteStore,
} from '@app/memory';

import { acceptWrites } from './accept-writes.js';
import { completeWrite } from './complete-write.js';
import { whileCounting } from './count-calls.js';
import type { Database } from '../sql/database.js';
import { rememberFact, type RememberedWrite } from '../memories/remember-fact.js';
import { storableFailure } from '../sql/storable.js';
import { NOW } from '../sql/statements.js';
import { readWriteRequest } from './stored-requests.js';

const CLAIM = `
  update writes
     set state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, ${NOW})
   where id = $1 and run = $2 and state in ('queued', 'running') and request is not null
  returning attempt, account_id, api_key_id, mode, request, llm_account, llm_provider, deadline_at`;

/** The statements of a claim that still owns its row. */
const OWNED = `id = $1 and run = $2 and attempt = $3 and state = 'running'`;
/** Who waits for the first run has the text and is told at once. Whoever waits for a later one sent none: it stays. */
const TEXT_AFTER_FAILURE = 'case when waiting and run = 1 then null else request end';
const FAIL = `
  update writes
     set state = 'failed', finished_at = ${NOW}, failure = $4, next_check_at = null, request = ${TEXT_AFTER_FAILURE}
   where ${OWNED} returning id`;
const HAND_BACK = `update writes set state = 'queued' where ${OWNED} returning id`;

const WITHDRAW = `
  with withdrawn as (
    update writes
       set state = 'failed', finished_at = ${NOW}, failure = $2, next_check_at = null,
           request = case when run = 1 then null else request end
     where id = $1 and state = 'queued' returning run, account_id, quota_period, quota_slot
  )
  update quota_slots as q set used = q.used - 1 from withdrawn as w
   where w.run = 1 and q.account_id = w.account_id and q.period = w.quota_period and q.kind = 'write'
     and q.slot = w.quota_slot and q.used > 0`;
const IS_WAITED_FOR = 'select waiting from writes where id = $1';
const STOP_WAITING = `update writes set waiting = false where id = $1 and state in ('queued', 'running')`;

interface ClaimedRow {
  readonly attempt: number;
  readonly account_id: string;
  readonly api_key_id: string;
  readonly mode: WriteResult['mode'];
  readonly request: unknown;
  readonly llm_account: LlmAccount;
  readonly llm_provider: string | null;
  readonly deadline_at: Date;
}

/** Durable writes. The row decides: each change of state is one guarded statement. */
export class TypeOrmWriteStore extends WriteStore {
  constructor(private readonly database: Database) {
    super();
  }

  accept(writes: readonly NewWrite[]): Promise<readonly (AppError | undefined)[]> {
    return acceptWrites(this.database, writes);
  }

  remember(write: RememberedWrite): Promise<Remembered> {
    const { asker, writesPerMonth: limit } = write;
    const call = { accountId: asker.accountId, kind: 'write', limit } as const;
    return whileCounting(this.database, call, (statements, counted) =>
      rememberFact(statements, write, counted),
    );
  }

  async claim(writeId: string, run: number): Promise<WriteClaim | undefined> {
    const [row] = await this.database.query<ClaimedRow>(CLAIM, [writeId, run]);
    if (row === undefined) return undefined;
    return {
      writeId,
      run,
      attempt: row.attempt,
      asker: { accountId: row.account_id, apiKeyId: row.api_key_id },
      request: readWriteRequest(row.mode, row.request),
      llmAccount: row.llm_account,
      callersProvider: row.llm_provider,
      deadlineAt: row.deadline_at,
    };
  }

  complete(claim: WriteClaim, extracted: ExtractedFacts): Promise<boolean> {
    return this.database.keep(claim.asker.accountId, (statements) =>
      completeWrite(statements, claim, extracted),
    );
  }

  fail(claim: WriteClaim, failure: Failure): Promise<boolean> {
    return this.#owned(FAIL, claim, storableFailure(failure));
  }

  handBack(claim: WriteClaim): Promise<boolean> {
    return this.#owned(HAND_BACK, claim);
  }

  async withdraw(writeId: string, failure: Failure): Promise<void> {
    await this.database.query(WITHDRAW, [writeId, storableFailure(failure)]);
  }

  async isWaitedFor({ writeId }: WriteClaim): Promise<boolean> {
    const [row] = await this.database.query<{ waiting: boolean }>(IS_WAITED_FOR, [writeId]);
    return row?.waiting ?? false;
  }

  async stopWaiting(writeId: string): Promise<void> {
    await this.database.query(STOP_WAITING, [writeId]);
  }

  async #owned(
    sql: string,
    { writeId, run, attempt }: WriteClaim,
    ...more: readonly unknown[]
  ): Promise<boolean> {
    return (await this.database.query(sql, [writeId, run, attempt, ...more])).length === 1;
  }
}
