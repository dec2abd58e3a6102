import { Database } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

let database: Database;
let key: string;
let url: string;

const gateway = await perFile(startGateway());

beforeAll(async () => {
  database = await Database.connect({ url: gateway.databaseUrl, poolSize: 2 });
  key = await gateway.makeKey({ name: 'reader' });
  await gateway.app.listen(0, '127.0.0.1');
  url = await gateway.app.getUrl();
});

afterAll(async () => {
  await database.close();
});

/** Statements of the gateway that wait for a lock: as long as one of a slow reader would run. */
const waiting = async (): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`,
  );
  return row?.count ?? 0;
};

const memoryId = '018f2f7e-0000-4000-8000-000000000001';

describe('a read whose SQL statement is slow', () => {
  it.each([
    ['list', '/agent/memories', undefined],
    ['search', '/agent/search', { question: 'Where does Ana live?' }],
    ['timeline', `/memories/${memoryId}/timeline`, undefined],
  ])(
    'of a %s is cancelled when the client disconnects, and gets 503 when it stays',
    async (_, path, body) => {
      const init = {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      };
      await database.inTransaction(async (statements) => {
        await statements.query('lock table memories in access exclusive mode');
        const leaving = new AbortController();
        const left = fetch(url + path, { ...init, signal: leaving.signal }).catch(() => 'left');
        const stays = fetch(url + path, init);
        await expect.poll(waiting, { interval: 20, timeout: 10_000 }).toBe(2);
        leaving.abort();
        // Both have the same timeout: with one gone and the other there, it was not the timeout that ended it.
        await expect.poll(waiting, { interval: 20, timeout: 4_000 }).toBe(1);
        expect(await left).toBe('left');
        const answer = await stays;
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('5');
        expect(await answer.json()).toMatchObject({
          code: 'unavailable',
          retryable: true,
          detail: expect.stringContaining('took too long'),
        });
        expect(await waiting()).toBe(0);
      });
    },
  );
});
