import { hash } from 'node:crypto';

import type { Pool, PoolClient, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';

import { callerDisconnected } from './account-shares.js';
import { type Connection, ONE_PLAN } from './statements.js';

/** A connection whose frequent statements can be prepared. */
export interface ReadConnection extends Connection {
  /** Postgres parses and plans this text once per connection, without its values. Only for few different texts. */
  prepared<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
}

export interface ReadOptions {
  /** Postgres cancels a statement that runs for longer. */
  readonly timeoutMs: number;
  /** An abort cancels the running statement, and no further statement begins. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` in one read-only transaction on one connection. `set local` binds the timeout to the transaction, so it also
 * holds behind a pooler. `begin` costs no round trip, because the first statement of `work` is sent behind it, and the
 * result does not wait for `commit`.
 */
export async function readOnly<Result>(
  dataSource: DataSource,
  pool: Pool,
  { timeoutMs, signal }: ReadOptions,
  work: (connection: ReadConnection) => Promise<Result>,
): Promise<Result> {
  if (wasAborted(signal)) throw callerDisconnected();
  const client = await pool.connect();
  const begun = begin(client, timeoutMs);
  const cancellation = signal && new Cancellation(pool, begun, signal);
  let failed = false;
  try {
    const [result] = await Promise.all([work(connectionOf(dataSource, client, signal)), begun]);
    return result;
  } catch (error) {
    failed = true;
    throw wasAborted(signal) ? callerDisconnected() : error;
  } finally {
    void endTransaction(client, failed, cancellation);
  }
}
/** @returns the id of the backend; undefined if the transaction did not begin: its statements then fail too. */
async function begin(client: PoolClient, timeoutMs: number): Promise<number | undefined> {
  // One text with several statements returns an array of results, which the types of pg do not know.
  const begun = (await client.query(
    `begin read only; set local statement_timeout = ${timeoutMs}; select pg_backend_pid() as pid`,
  )) as unknown as readonly QueryResult<{ pid: number }>[];
  return begun[2]?.rows[0]?.pid;
}

async function endTransaction(
  client: PoolClient,
  failed: boolean,
  cancellation: Cancellation | undefined,
): Promise<void> {
  if (cancellation) await cancellation.end();
  // A connection that cannot end its transaction is closed instead of going back to the pool.
  const hasEnded = await client.query(failed ? 'rollback' : 'commit').then(
    () => true,
    () => false,
  );
  client.release(!hasEnded);
}

/** A function, because the compiler would assume that `signal.aborted` does not change between two reads of it. */
const wasAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function connectionOf(
  dataSource: DataSource,
  client: PoolClient,
  signal: AbortSignal | undefined,
): ReadConnection {
  const refuseAborted = (): void => {
    if (wasAborted(signal)) throw callerDisconnected();
  };
  return {
    query: async <Row>(sql: string, values: readonly unknown[] = []) => {
      refuseAborted();
      return (await client.query(sql, [...values])).rows as Row[];
    },
    prepared: async <Row extends object>(sql: string, values: readonly unknown[]) => {
      refuseAborted();
      const planned = client.query(ONE_PLAN);
      const statement = { name: nameOf(sql), text: sql, values: [...values] };
      const [{ rows }] = await Promise.all([client.query<Row>(statement), planned]);
      return rows;
    },
    repository: (entity) => {
      refuseAborted();
      // A query runner that has a connection takes none from the pool, so the timeout and the cancellation apply to it.
      const runner = Object.assign(dataSource.createQueryRunner(), { databaseConnection: client });
      return runner.manager.getRepository(entity);
    },
  };
}

/** Postgres knows a prepared statement by its name. */
const nameOf = (sql: string): string => hash('sha1', sql);

/**
 * Cancels the running statement of a backend when a signal aborts. `end` waits for Postgres' answer to a cancellation that was
 * sent: one that arrived later could cancel a statement of another caller on the same backend.
 */
class Cancellation {
  readonly #abort = (): void => void (this.#sent = this.#cancel());
  #sent: Promise<void> | undefined;
  #ended = false;
  #isSending = false;

  constructor(
    private readonly pool: Pool,
    private readonly backend: Promise<number | undefined>,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.signal.removeEventListener('abort', this.#abort);
    if (this.#isSending) await this.#sent;
  }

  /** Sends nothing while the pool has no free connection. `end` does not wait for that: the statement timeout applies. */
  async #cancel(): Promise<void> {
    const pid = await this.backend.catch(() => undefined);
    if (pid === undefined || this.#ended) return;
    const other = await this.pool.connect().catch(() => undefined);
    if (other === undefined) return;
    let failed: Error | boolean = false;
    try {
      if (this.#ended) return;
      this.#isSending = true;
      await other.query('select pg_cancel_backend($1)', [pid]);
    } catch {
      failed = true;
    } finally {
      other.release(failed);
    }
  }
}
