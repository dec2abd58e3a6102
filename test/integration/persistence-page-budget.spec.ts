import { type ListRequest, MEMORY_BUDGET_BYTES } from '@app/memory';
import { aFact, aHistory, aMessagesWrite, aQuestion, extracted } from '@app/memory/testing';
import { PostgresMemoryIndex, type PostgresMemoryStore } from '@app/persistence';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { storeHistories } from '../support/histories.js';
import { asker as anAsker, type WriteStores, writeStores } from '../support/write-stores.js';

const SIZE = 300;
let stores: WriteStores;
let memories: PostgresMemoryStore;
const scope = { accountId: randomUUID(), tenantId: null };
const ids: string[] = [];
const asked: ListRequest = {
  scope,
  filter: {},
  moment: {},
  includeSuperseded: false,
  limit: 1_000,
};

/** One long turn that all memories cite, and facts of 24 KB: 7 MB of facts, and 90 MB with the turn in each. */
beforeAll(async () => {
  stores = await writeStores();
  ({ memories } = stores);
  const turn = { id: randomUUID(), position: 0, role: 'user', name: null, saidAt: null };
  const turns = [{ ...turn, text: 'x'.repeat(300_000) }];
  const histories = Array.from({ length: SIZE }, (_, nth) =>
    aHistory({ ...scope, text: `figs ${nth} ${'y'.repeat(24_000)}`, turns }),
  );
  ids.push(...histories.map(({ memory }) => memory.id));
  await storeHistories(stores.database, histories);
});

afterAll(() => stores.close());

describe('the size limit of a page', () => {
  it('ends a page early, and all pages together have every memory once', async () => {
    const seen: string[] = [];
    let pages = 0;
    for (let after: ListRequest['after'], left = true; left;) {
      const page = await memories.list({ ...asked, after });
      expect(Buffer.byteLength(JSON.stringify(page.memories))).toBeLessThan(MEMORY_BUDGET_BYTES);
      seen.push(...page.memories.map(({ memory }) => memory.id));
      [after, left, pages] = [page.memories.at(-1)?.memory, page.hasMore, pages + 1];
    }
    expect(pages).toBeGreaterThan(2);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('leaves out the last of the requested ids, and says how many', async () => {
    const { memories: found, leftOut } = await memories.findMany(scope, ids, {});
    expect(found.map(({ memory }) => memory.id)).toEqual(ids.slice(0, found.length));
    expect(found.length).toBeGreaterThan(10);
    expect(leftOut).toBe(SIZE - found.length);
  });

  it('leaves out the last hits of a ranking, and the rest fits when it is rendered', async () => {
    const index = new PostgresMemoryIndex(stores.database);
    const { hits, leftOut } = await index.retrieve(
      aQuestion({ scope, question: 'Which figs?', limit: 100 }),
    );
    expect(hits.length).toBeGreaterThan(10);
    expect(hits.length + leftOut).toBe(100);
    const shown = hits.map(({ seen }) => seen.memory.id);
    const rendered = await memories.findMany(scope, shown, {});
    expect(rendered.leftOut).toBe(0);
    expect(rendered.memories).toHaveLength(hits.length);
  });

  it('measures each memory as it is measured in a page', async () => {
    const sizes = await memories.sizesOf(scope.accountId, ids);
    const { memories: found } = await memories.findMany(scope, ids, {});
    const weight = (count: number): number =>
      ids.slice(0, count).reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    expect(weight(found.length)).toBeLessThanOrEqual(MEMORY_BUDGET_BYTES);
    expect(weight(found.length + 1)).toBeGreaterThan(MEMORY_BUDGET_BYTES);
    expect((await memories.sizesOf(randomUUID(), ids)).size).toBe(0);
  });

  it('allows one memory of any size', async () => {
    const metadata = { note: 'z'.repeat(MEMORY_BUDGET_BYTES) };
    const large = aHistory({ accountId: randomUUID(), metadata });
    await storeHistories(stores.database, [large]);
    const own = { accountId: large.memory.accountId, tenantId: null };
    expect(await memories.list({ ...asked, scope: own })).toMatchObject({
      memories: [{ memory: { id: large.memory.id } }],
      hasMore: false,
    });
  });

  it('ends a page of jobs early, by the size of their rows', async () => {
    const asker = anAsker();
    const made: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const request = aMessagesWrite({ dryRun: true, metadata: { note: 'm'.repeat(4_000) } });
      const claim = await stores.claimed({ asker, request });
      const facts = Array.from({ length: 300 }, () => aFact({ text: 'f'.repeat(4_000) }));
      await stores.writes.complete(claim, extracted(facts));
      made.push(claim.id);
    }
    const own = { accountId: asker.accountId, tenantId: '*' };
    const seen: string[] = [];
    let pages = 0;
    for (let after: { createdAt: Date; id: string } | undefined, left = true; left;) {
      const page = await stores.jobs.list({ scope: own, limit: 200, after });
      seen.push(...page.jobs.map(({ id }) => id));
      [after, left, pages] = [page.jobs.at(-1), page.hasMore, pages + 1];
    }
    expect(pages).toBeGreaterThan(1);
    expect(seen.toSorted()).toEqual(made.toSorted());
  });
});
