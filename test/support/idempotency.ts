import { randomUUID } from 'node:crypto';

import type { Failure } from '@app/errors';
import { aFact, extracted } from '@app/memory/testing';
import { Database } from '@app/persistence';
import { expect, vi } from 'vitest';

import { type GatewayBench, type Received, type Sent, startGateway } from './gateway.js';
import { SingleWrites } from './single-jobs.js';

export const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
export const WRITE = { messages: [{ role: 'user', content: 'I live in London.' }], llm: LLM };
export const LATER = { prefer: 'respond-async' };
export const REPLAYED = { 'idempotency-replayed': 'true' };

export type Call = (body: unknown, sent?: Sent) => Promise<Received>;

/** A gateway without workers, its database, and a function that does a worker's part. */
export async function idempotencyBench(path = '/agent/memories') {
  const gateway: GatewayBench = await startGateway();
  const database = await Database.connect({ url: gateway.databaseUrl, poolSize: 2 });
  const writes = new SingleWrites(database);

  /** Returns a function that makes calls under one Idempotency-Key. */
  const under =
    (key: string = randomUUID()): Call =>
    (body, { headers, ...sent } = {}) =>
      gateway.send(path, { ...sent, body, headers: { 'idempotency-key': key, ...headers } });

  async function count(table: 'writes' | 'idempotency_records'): Promise<number> {
    const [row] = await database.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    return row?.n ?? 0;
  }

  /** Plays the worker for the one queued write: the write succeeds, or fails with `failure`. */
  async function work(failure?: Failure): Promise<void> {
    const { id } = await vi.waitFor(
      async () => {
        const [row] = await database.query<{ id: string }>(
          `select id from writes where state = 'queued'`,
        );
        if (!row) throw new Error('Nothing is queued');
        return row;
      },
      { timeout: 10_000 },
    );
    const claim = await writes.claim(id, 1);
    if (!claim) throw new Error('The write could not be claimed');
    const isDone = failure
      ? writes.fail(claim, failure)
      : writes.complete(claim, extracted([aFact()]));
    expect(await isDone).toBe(true);
  }

  return {
    gateway,
    database,
    writes,
    under,
    count,
    work,
    /** Cancels the queued writes, so that `work` finds the next one. */
    forgetQueued: async () => {
      await database.query(`update writes set state = 'cancelled' where state = 'queued'`);
    },
    close: async () => {
      await database.close();
      await gateway.close();
    },
  };
}

export type IdempotencyBench = Awaited<ReturnType<typeof idempotencyBench>>;
