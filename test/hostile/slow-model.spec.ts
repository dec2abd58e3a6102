import { beforeAll, describe, expect, it } from 'vitest';

import { chatParts, factsParts, hostileBench } from '../support/hostile-bench.js';
import { perFile } from '../support/per-file.js';

const PLACES = 40;
const MORE_THAN_ALL = PLACES * 2;
const SLOW_MS = 4_000;

const bench = await perFile(hostileBench({ WORKER_CONCURRENCY: String(PLACES) }));

beforeAll(async () => {
  await bench.attacker.call('/agent/memories', { body: { content: 'Robin moved to Rome.' } });
});

describe('one account with a slow model', () => {
  it('leaves worker places for the writes of others', async () => {
    const llm = bench.llm({ id: 'slow-write', delayMs: SLOW_MS, parts: factsParts(1) });
    const statuses = await bench.whileOthersAreServed(() =>
      bench.attacker.fire(MORE_THAN_ALL, '/agent/memories', {
        headers: { prefer: 'wait=10' },
        body: { messages: [{ role: 'user', content: 'Robin keeps %n bees.' }], llm },
      }),
    );
    for (const status of statuses) expect([200, 202]).toContain(status);
    // Alone, an account is served in as many places as the worker has been given.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(PLACES / 2);
  });

  it('leaves worker places for the questions of others', async () => {
    const parts = chatParts([['Rome [mem-1].', 1]]);
    const llm = bench.llm({ id: 'slow-question', delayMs: SLOW_MS, parts });
    const statuses = await bench.whileOthersAreServed(() =>
      bench.attacker.fire(MORE_THAN_ALL, '/agent/query', {
        body: { question: 'Where did Robin move?', llm },
      }),
    );
    for (const status of statuses) expect([200, 503]).toContain(status);
  });
});
