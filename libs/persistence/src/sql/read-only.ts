import type { Pool, PoolClient, QueryResult } from 'pg';

import { callerGone } from '../jobs/account-shares.js';
import type { Statements } from './statements.js';

export interface ReadOptions {
  /** Postgres ends a statement that runs for longer. */
  readonly timeoutMs: number;
  /** Aborted: the statement that runs is cancelled, and the next is not begun. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Statements of one read-only transaction on one connection. The timeout is the transaction's own setting, so it holds
 * behind a pooler too, and costs no round trip of its own: it is sent with `begin`.
 */
export async function readOnly<Result>(
  pool: Pool,
  { timeoutMs, signal }: ReadOptions,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  if (wasAborted(signal)) throw callerGone();
  const client = await pool.connect();
  let failed = false;
  try {
    // Several statements in one text give as many results, which the types of pg do not say.
    const begun = (await client.query(
      `begin read only; set local statement_timeout = ${timeoutMs}; select pg_backend_pid() as pid`,
    )) as unknown as readonly QueryResult<{ pid: number }>[];
    const pid = begun[2]?.rows[0]?.pid;
    const cancelling = signal && pid !== undefined && new Cancelling(pool, pid, signal);
    try {
      return await work(statementsOf(client, signal));
    } finally {
      if (cancelling) await cancelling.end();
    }
  } catch (error) {
    failed = true;
    throw wasAborted(signal) ? callerGone() : error;
  } finally {
    // A read-only transaction has nothing to keep. A connection that cannot even roll back is not used again.
    const rolledBack = await client.query(failed ? 'rollback' : 'commit').then(
      () => true,
      () => false,
    );
    client.release(!rolledBack);
  }
}

/** Asked again after a wait, where the compiler takes the first answer for the last. */
const wasAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function statementsOf(client: PoolClient, signal: AbortSignal | undefined): Statements {
  return {
    query: async <Row>(sql: string, values: readonly unknown[] = []) => {
      if (wasAborted(signal)) throw callerGone();
      return (await client.query(sql, [...values])).rows as Row[];
    },
  };
}

/**
 * Cancels what a backend runs when a signal aborts. The backend is held until a cancellation that was sent has come back:
 * later it might meet a statement of another caller.
 */
class Cancelling {
  readonly #abort = (): void => void (this.#sent = this.#cancel());
  #sent: Promise<void> | undefined;
  #ended = false;

  constructor(
    private readonly pool: Pool,
    private readonly pid: number,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.signal.removeEventListener('abort', this.#abort);
    if (this.#isSending) await this.#sent;
  }

  #isSending = false;

  /** The pool may have no connection to spare. Then nothing is sent, and nothing waits for it: the timeout ends the statement. */
  async #cancel(): Promise<void> {
    const other = await this.pool.connect().catch(() => undefined);
    if (other === undefined) return;
    let failed: Error | boolean = false;
    try {
      if (this.#ended) return;
      this.#isSending = true;
      await other.query('select pg_cancel_backend($1)', [this.pid]);
    } catch {
      failed = true;
    } finally {
      other.release(failed);
    }
  }
}
