import { Client } from 'pg';
import { describe, expect, it } from 'vitest';

import { factsParts, type HostileBench, hostileBench, jobOf } from '../support/hostile-bench.js';
import { perFile } from '../support/per-file.js';

const MEBIBYTE = 1024 * 1024;
/** Above it nothing is a page any more. */
const PAGE_BYTES = 8 * MEBIBYTE;
const MEMORIES = 4_000;
/** More than the share of one account, so that some of them wait. */
const SEARCHES = 10;

const bench = await perFile(hostileBench());

describe('an account that stores as much as it may', () => {
  it('gets pages of limited size, so that other accounts are served', async () => {
    const written = await bench.whileOthersAreServed(async () => {
      const content = 'Robin keeps bees and writes of it at length. '.repeat(42_000);
      const accepted = await bench.attacker.call('/agent/memories', {
        headers: { prefer: 'respond-async' },
        body: {
          messages: [{ role: 'user', content }],
          llm: bench.llm({ id: 'cited', parts: factsParts(25, ' %n') }),
        },
      });
      expect(accepted.status).toBe(202);
      return jobOf(bench.attacker, accepted.headers.get('location') ?? '');
    });
    expect(written).toMatchObject({ state: 'succeeded' });
    expect(JSON.stringify(written).length).toBeLessThan(PAGE_BYTES);

    const ids = await bench.whileOthersAreServed(async () => {
      const found: string[] = [];
      for (let cursor = ''; ;) {
        const page = await bench.attacker.call(`/agent/memories?limit=1000${cursor}`);
        expect(page.status).toBe(200);
        expect(page.text.length).toBeLessThan(PAGE_BYTES);
        found.push(...page.json.memories.map(({ id }: { id: string }) => id));
        if (page.json.next_cursor === null) break;
        cursor = `&cursor=${encodeURIComponent(page.json.next_cursor)}`;
      }
      const jobs = await bench.attacker.call('/agent/jobs');
      expect(jobs.status).toBe(200);
      expect(jobs.text.length).toBeLessThan(PAGE_BYTES);
      await bench.attacker.fire(3, '/agent/memories?limit=1000');
      return found;
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(written.result.memory_ids.toSorted());
    await bench.untilMemoryReturns(250);
  });

  it(
    'can search with long questions without delaying other accounts',
    { timeout: 120_000 },
    async () => {
      await fill(bench, MEMORIES);
      const words = Array.from({ length: 4_500 }, (_, n) => `word${n}`).join(' ');
      const question = words.slice(0, 32_000);
      const statuses = await bench.whileOthersAreServed(() =>
        bench.attacker.fire(SEARCHES, '/agent/search', { body: { question } }),
      );
      for (const status of statuses) expect([200, 429, 503]).toContain(status);
      const again = await bench.attacker.call('/agent/search', { body: { question: 'word7' } });
      expect(again.status).toBe(200);
      expect(again.json.memories.length).toBeGreaterThan(0);
    },
  );
});

/** Batches of facts with many words each, as fast as the API takes them. */
async function fill({ attacker, product }: HostileBench, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const writes = Array.from({ length: 1_000 }, (_, n) => ({
      content: Array.from(
        { length: 60 },
        (_word, w) => `word${((from + n) * 7 + w * 31) % 4_500}`,
      ).join(' '),
    }));
    const { status } = await attacker.call('/agent/memories/batch', { body: { writes } });
    expect(status).toBe(202);
  }
  const client = new Client({ connectionString: product.database.url });
  await client.connect();
  try {
    const unfinished = `select count(*)::int as n from writes where state in ('queued', 'running')`;
    while ((await client.query<{ n: number }>(unfinished)).rows[0]?.n !== 0)
      await new Promise((resolve) => setTimeout(resolve, 200));
  } finally {
    await client.end();
  }
}
