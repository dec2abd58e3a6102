import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const DOWN_MS = 10_000;
/** The longest wait of a call without a Prefer header. */
const SYNC_WAIT_MS = 90_000;
const APPS = ['gateway', 'extraction-worker', 'query-worker', 'ops'];

const bench = await perFile(faultBench({ withOps: true }));

const everyAppIs = (status: number): Promise<void> => bench.untilReadinessIs(status, APPS);

describe('Redis', () => {
  it('that is emptied loses keys, and fails only the writes that needed them', async () => {
    // Nothing is worked off, so that there is something to lose.
    bench.product.signal('extraction-worker', 'SIGSTOP');
    const load = bench.load();
    await delay(1_500);
    const redis = new Redis(bench.redis.url);
    await redis.flushall();
    redis.disconnect();
    await load.stop();
    bench.product.signal('extraction-worker', 'SIGCONT');
    const { accepted, succeeded, failures } = await bench.settled();
    expect(Object.keys(failures)).toEqual(['caller_key_unavailable']);
    expect(succeeded).toBeGreaterThan(accepted / 3);
  });

  it('that is emptied does not block a waiting caller: the gateway reads the result from the row', async () => {
    bench.product.signal('extraction-worker', 'SIGSTOP');
    const began = Date.now();
    const waiting = bench.product.call('/agent/memories', {
      body: { messages: [{ role: 'user', content: 'The token is token-900001x.' }] },
    });
    await delay(1_000);
    const redis = new Redis(bench.redis.url);
    await redis.flushall();
    redis.disconnect();
    bench.product.signal('extraction-worker', 'SIGCONT');
    expect((await waiting).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(SYNC_WAIT_MS / 2);
  });

  it('that is down for ten seconds is named by readiness, and accepted writes end afterwards', async () => {
    const load = bench.load();
    await delay(1_000);
    await bench.redis.stop('SIGKILL');
    await everyAppIs(503);
    expect((await bench.product.readiness('gateway'))?.body).toContain('"queue":"down"');
    await delay(DOWN_MS);
    await bench.redis.start();
    await everyAppIs(200);
    await delay(1_000);
    await load.stop();
    const { failures, accepted, succeeded } = await bench.settled();
    expect(Object.keys(failures).filter((code) => code !== 'caller_key_unavailable')).toEqual([]);
    expect(succeeded).toBeGreaterThan(accepted / 3);
  });

  it('that is out of memory rejects writes, and keeps the accepted ones', async () => {
    const redis = new Redis(bench.redis.url);
    const load = bench.load();
    await delay(500);
    await redis.config('SET', 'maxmemory', '1');
    const refused = await vi.waitFor(
      async () => {
        const one = await bench.post(true);
        expect(one.status).toBe(503);
        return one;
      },
      { timeout: 10_000 },
    );
    expect(refused.retryAfter).toMatch(/^\d+$/);
    await redis.config('SET', 'maxmemory', '0');
    redis.disconnect();
    await delay(1_000);
    await load.stop();
    const { failures } = await bench.settled();
    expect(Object.keys(failures).filter((code) => code !== 'caller_key_unavailable')).toEqual([]);
    expect((await bench.post(true)).status).toBe(202);
    await bench.settled();
  });
});
