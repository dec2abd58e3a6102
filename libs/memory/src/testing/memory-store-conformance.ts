import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import {
  ALL_TENANTS,
  type ListRequest,
  type MemoryStore,
  type Scope,
  type SeenMemory,
} from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';
import { aHistory, type History } from './builders.js';
import { InMemoryMemoryStore } from './in-memory-memory-store.js';

const day = (text: string): Date => new Date(`2021-${text}T00:00:00Z`);

const accountId = randomUUID();
const own = { accountId };
const successor = randomUUID();

/** One memory for each case of the table in docs/api/time.md, "Two time axes". */
const HISTORIES: readonly History[] = [
  aHistory({
    ...own,
    text: 'plain',
    createdAt: day('01-10'),
    metadata: { team: 'red', level: 3, tags: ['a', 1], owner: { name: 'Ada', of: null } },
    source: 'crm',
  }),
  aHistory(
    { ...own, text: 'superseded', createdAt: day('01-11'), topic: 'Work', sessionId: 's-1' },
    { validFrom: day('01-01'), believedTo: day('04-20') },
    {
      validFrom: day('01-01'),
      validTo: day('04-30'),
      supersededBy: successor,
      believedFrom: day('04-20'),
    },
  ),
  aHistory(
    {
      ...own,
      id: successor,
      text: 'successor',
      createdAt: day('04-20'),
      topic: 'Work',
      category: 'work',
    },
    { validFrom: day('04-30') },
  ),
  aHistory(
    {
      ...own,
      text: 'expired',
      createdAt: day('01-12'),
      externalId: 'x-1',
      metadata: { team: 'red' },
    },
    { believedTo: day('03-01') },
    { validTo: day('03-01'), believedFrom: day('03-01') },
  ),
  aHistory(
    { ...own, text: 'backdated', createdAt: day('05-01') },
    { validFrom: new Date('2020-01-01T00:00:00Z') },
  ),
  aHistory(
    { ...own, text: 'not yet', createdAt: day('05-02') },
    { validFrom: new Date('2999-01-01T00:00:00Z') },
  ),
  aHistory(
    { ...own, text: 'ends later', createdAt: day('05-02') },
    { validTo: new Date('2999-01-01T00:00:00Z') },
  ),
  aHistory({ ...own, text: 'of a tenant', createdAt: day('05-03'), tenantId: 'blue' }),
  aHistory({ text: 'of another account', createdAt: day('05-03') }),
];

/** Memories of one write have the same `createdAt`: only their ids order them. */
const crowd = randomUUID();
const CROWD = Array.from({ length: 23 }, (_, index) =>
  aHistory({ accountId: crowd, text: `one of many: ${index}`, createdAt: day('05-01') }),
);

const INSTANTS = [
  undefined,
  '01-05',
  '01-11',
  '03-01',
  '04-15',
  '04-20',
  '04-30',
  '05-02',
  '05-04',
].map((text) => (text === undefined ? undefined : day(text)));
const MOMENTS: readonly Moment[] = INSTANTS.flatMap((asOf) =>
  INSTANTS.map((transactionAsOf) => ({
    ...(asOf && { asOf }),
    ...(transactionAsOf && { transactionAsOf }),
  })),
);

const texts = (seen: readonly SeenMemory[]): readonly string[] =>
  seen.map(({ memory }) => memory.text);
const sorted = (seen: readonly SeenMemory[]): readonly SeenMemory[] =>
  seen.toSorted((a, b) => (a.memory.id < b.memory.id ? -1 : 1));

/** The tests that every MemoryStore passes. `makeStore` gets memories with all their versions and stores them. */
export function itKeepsMemories(
  makeStore: (histories: readonly History[]) => Promise<MemoryStore>,
): void {
  const scope: Scope = { accountId, tenantId: null };
  const request: ListRequest = {
    scope,
    filter: {},
    moment: {},
    includeSuperseded: false,
    limit: 100,
  };
  const specification = new InMemoryMemoryStore(HISTORIES);
  let store: MemoryStore;

  beforeAll(async () => {
    store = await makeStore([...HISTORIES, ...CROWD]);
  });

  const listed = async (changes: Partial<ListRequest>): Promise<readonly string[]> =>
    texts((await store.list({ ...request, ...changes })).memories);

  describe('at any moment', () => {
    it('lists memories that are believed now to be true now, newest first', async () => {
      expect(await listed({})).toEqual(
        expect.arrayContaining(['ends later', 'backdated', 'successor', 'plain']),
      );
      expect(await listed({})).toHaveLength(4);
      expect((await listed({})).slice(-3)).toEqual(['backdated', 'successor', 'plain']);
    });

    it('lists ended memories with includeSuperseded, but none that begin in the future', async () => {
      const all = await listed({ includeSuperseded: true });
      expect(all.slice(1)).toEqual(['backdated', 'successor', 'expired', 'superseded', 'plain']);
    });

    it('lists memories that were true at asOf, by current belief', async () => {
      expect(await listed({ moment: { asOf: day('04-15') } })).toEqual([
        'backdated',
        'superseded',
        'plain',
      ]);
    });

    it('lists memories that were believed at transactionAsOf, whatever their validity', async () => {
      expect(await listed({ moment: { transactionAsOf: day('04-15') } })).toEqual([
        'expired',
        'superseded',
        'plain',
      ]);
    });

    it('does not apply an end that became known after transactionAsOf', async () => {
      const moment = { asOf: day('05-02'), transactionAsOf: day('04-15') };
      const { memories: seen } = await store.list({ ...request, moment });
      expect(texts(seen)).toEqual(['superseded', 'plain']);
      expect(seen[0]?.version).toMatchObject({ validTo: null, supersededBy: null });
    });

    it.each([false, true])(
      'agrees with the specification at every pair of moments (includeSuperseded: %s)',
      async (includeSuperseded) => {
        for (const moment of MOMENTS) {
          const asked = { ...request, moment, includeSuperseded };
          const expected = await specification.list(asked);
          expect({ moment, seen: await store.list(asked) }).toEqual({ moment, seen: expected });
        }
      },
    );
  });

  describe('by id', () => {
    const ids = HISTORIES.map(({ memory }) => memory.id);

    it('finds ended memories too, with the version that is believed now', async () => {
      const [, superseded] = ids;
      const seen = await store.find(scope, superseded ?? '');
      expect(seen?.version).toMatchObject({ supersededBy: successor, validTo: day('04-30') });
    });

    it('finds several, each with the version that was believed at the given moment', async () => {
      for (const moment of MOMENTS) {
        const [found, expected] = [
          (await store.findMany(scope, ids, moment)).memories,
          (await specification.findMany(scope, ids, moment)).memories,
        ];
        expect({ moment, seen: sorted(found) }).toEqual({ moment, seen: sorted(expected) });
      }
    });

    it('finds no memory of another account or tenant, and none for an unknown id', async () => {
      const [blue, foreign] = ids.slice(-2) as [string, string];
      for (const id of [blue, foreign, randomUUID(), '', 'nonsense', `${blue}'`]) {
        expect(await store.find(scope, id)).toBeUndefined();
      }
      expect((await store.find({ accountId, tenantId: 'blue' }, blue))?.memory.tenantId).toBe(
        'blue',
      );
      expect((await store.find({ accountId, tenantId: ALL_TENANTS }, blue))?.memory.tenantId).toBe(
        'blue',
      );
      expect(await store.findMany(scope, [], {})).toEqual({ memories: [], leftOut: 0 });
    });
  });

  describe('filtered', () => {
    const everything = { includeSuperseded: true, moment: { transactionAsOf: day('05-04') } };

    it.each([
      ['sources', { sources: ['crm', 'other'] }, ['plain']],
      ['no source at all', { sources: [] }, []],
      ['session', { sessionId: 's-1' }, ['superseded']],
      ['topic', { topic: 'Work' }, ['successor', 'superseded']],
      ['category', { category: 'work' as const }, ['successor']],
      ['external id', { externalId: 'x-1' }, ['expired']],
      ['metadata', { metadata: { team: 'red' } }, ['expired', 'plain']],
      ['several metadata, compared as text', { metadata: { team: 'red', level: '3' } }, ['plain']],
      ['a number in metadata', { metadata: { level: 3 } }, ['plain']],
      ['a list in metadata', { metadata: { tags: ['a', 1] } }, ['plain']],
      ['another list in metadata', { metadata: { tags: [1, 'a'] } }, []],
      ['an object in metadata', { metadata: { owner: { name: 'Ada', of: null } } }, ['plain']],
      ['metadata that nobody has', { metadata: { absent: '' } }, []],
    ])('by %s', async (_, filter, expected) => {
      expect(await listed({ ...everything, filter })).toEqual(expected);
    });

    it('by tenant: one tenant, or all of them; a tenant named "all" is one tenant', async () => {
      expect(await listed({ scope: { accountId, tenantId: 'all' } })).toEqual([]);
      expect(await listed({ scope: { accountId, tenantId: 'blue' } })).toEqual(['of a tenant']);
      expect(await listed({ scope: { accountId, tenantId: ALL_TENANTS } })).toHaveLength(5);
    });
  });

  it('pages newest first without skipping or repeating, also among memories with the same createdAt', async () => {
    const paged: string[] = [];
    for (let after: ListRequest['after']; ;) {
      const page = await store.list({
        ...request,
        scope: { ...scope, accountId: crowd },
        limit: 5,
        after,
      });
      paged.push(...page.memories.map(({ memory }) => memory.id));
      after = page.memories.at(-1)?.memory;
      if (!page.hasMore) break;
    }
    const ids = CROWD.map(({ memory }) => memory.id);
    expect(paged).toEqual(ids.toSorted().toReversed());
  });
}
