import { REPLAY_RETENTION_MS } from '@app/jobs/policy';
import {
  type FirstAnswer,
  type FirstCall,
  type KeyedCall,
  ReplayStore,
  type ReservedWrite,
  type IdempotencyHold,
} from '@app/memory';

import type { Database } from '../sql/database.js';
import { storableJson } from '../sql/storable.js';
import { msAsInterval, NOW } from '../sql/statements.js';

const KEY = 'account_id = $1 and route = $2 and key_hash = $3';
/** No row matches if another call has taken the key over: `created_at` is later then. */
const OWNED = `${KEY} and state <> 'kept' and created_at = $4`;

const BEGIN = `
  insert into idempotency_records as r (account_id, route, key_hash, fingerprint, state, reply, created_at)
  values ($1, $2, $3, $4, 'running', $5, ${NOW})
      on conflict (account_id, route, key_hash) do update
     set fingerprint = excluded.fingerprint, state = 'running', reply = excluded.reply, created_at = excluded.created_at
   where r.created_at < now() - ${msAsInterval(REPLAY_RETENTION_MS)}
  returning created_at`;
const FIND = `
  select fingerprint, state, reply, created_at, (extract(epoch from now() - created_at) * 1000)::float8 as age_ms
    from idempotency_records where ${KEY}`;
const TAKE_OVER = `
  update idempotency_records
     set fingerprint = $4, state = 'running', reply = $5, created_at = ${NOW}
   where ${KEY} and state <> 'kept' and created_at = $6
  returning created_at`;
const KEEP = `
  update idempotency_records set state = 'kept', reply = reply || jsonb_build_object('answer', $5::jsonb) where ${OWNED}`;
const RELEASE = `update idempotency_records set state = 'released' where ${OWNED}`;
const FIND_WRITES = 'select id from writes where account_id = $1 and id = any($2::uuid[])';
const DELETE_EXPIRED = `
  with expired as materialized (
    select account_id, route, key_hash from idempotency_records
     where created_at < now() - ${msAsInterval(REPLAY_RETENTION_MS)} order by created_at limit $1 for update skip locked
  )
  delete from idempotency_records r using expired e
   where r.account_id = e.account_id and r.route = e.route and r.key_hash = e.key_hash
  returning 1`;

/** A try fails only if the record is deleted between its two statements, so more failures can only be a bug. */
const MAX_TRIES = 5;

interface RecordRow {
  readonly fingerprint: Buffer;
  readonly state: FirstCall['state'];
  readonly reply: ReservedWrite & { readonly answer?: FirstAnswer };
  readonly created_at: Date;
  readonly age_ms: number;
}

export class PostgresReplayStore extends ReplayStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin(
    call: KeyedCall,
    reserved: ReservedWrite,
  ): Promise<{ readonly hold: IdempotencyHold } | { readonly first: FirstCall }> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const begun = await this.#begun(BEGIN, call, [call.fingerprint, JSON.stringify(reserved)]);
      if (begun) return { hold: begun };
      const [row] = await this.database.query<RecordRow>(FIND, keyOf(call));
      if (row) return { first: firstCallOf(row) };
    }
    throw new Error(`An idempotency record was deleted ${MAX_TRIES} times while it was read`);
  }

  override takeOver(
    call: KeyedCall,
    { begunAt }: FirstCall,
    reserved: ReservedWrite,
  ): Promise<IdempotencyHold | undefined> {
    return this.#begun(TAKE_OVER, call, [call.fingerprint, JSON.stringify(reserved), begunAt]);
  }

  override async keep({ call, begunAt }: IdempotencyHold, answer: FirstAnswer): Promise<void> {
    await this.database.query(KEEP, [...keyOf(call), begunAt, storableJson(answer)]);
  }

  override async release({ call, begunAt }: IdempotencyHold): Promise<void> {
    await this.database.query(RELEASE, [...keyOf(call), begunAt]);
  }

  override async findWrites(
    accountId: string,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<{ id: string }>(FIND_WRITES, [accountId, ids]);
    return new Set(rows.map(({ id }) => id));
  }

  override async deleteExpired(limit: number): Promise<number> {
    return (await this.database.query(DELETE_EXPIRED, [limit])).length;
  }

  async #begun(
    sql: string,
    call: KeyedCall,
    more: readonly unknown[],
  ): Promise<IdempotencyHold | undefined> {
    const [row] = await this.database.query<{ created_at: Date }>(sql, [...keyOf(call), ...more]);
    return row && { call, begunAt: row.created_at };
  }
}

const keyOf = ({ accountId, route, keyHash }: KeyedCall): readonly unknown[] => [
  accountId,
  route,
  keyHash,
];

function firstCallOf({ fingerprint, state, reply, created_at, age_ms }: RecordRow): FirstCall {
  const { answer = null, ...reserved } = reply;
  return { fingerprint, state, reserved, answer, begunAt: created_at, ageMs: age_ms };
}
