import { aFact, aMessage, aMessagesWrite, extracted } from '@app/memory/testing';
import { PostgresErasureStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asker as anAsker, type WriteStores, writeStores } from '../support/write-stores.js';

const FACTS = 2_000;
let stores: WriteStores;

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

/** How long the event loop was held up at most while some work ran. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await work();
  clearInterval(timer);
  return longest;
}

const sizes = (accountId: string) =>
  stores.database.query<{ bytes: number }>(
    'select pg_column_size(search_document) as bytes from memories where account_id = $1',
    [accountId],
  );

describe('a write of two thousand facts that cite one message of a megabyte', () => {
  const asker = anAsker();
  const said = Array.from({ length: 120_000 }, (_, nth) => `word${nth}`).join(' ');

  it('is stored in slices, with bounded search documents, and the event loop runs in between', async () => {
    const request = aMessagesWrite({
      messages: [aMessage({ content: said }), aMessage({ content: 'Indeed.' })],
    });
    const claim = await stores.claimed({ asker, request });
    const facts = Array.from({ length: FACTS }, (_, nth) =>
      aFact({ text: `Fact ${nth % (FACTS - 10)}`, positions: [nth % 2] }),
    );
    const pause = await longestPause(() => stores.writes.complete(claim, extracted(facts)));
    // In one go it was seconds, and the lock of the job was lost.
    expect(pause).toBeLessThan(1_000);
    const job = await stores.jobOf(claim);
    // Ten facts are said twice.
    expect(job.result?.memoryIds).toHaveLength(FACTS - 10);
    const documents = await sizes(asker.accountId);
    expect(documents).toHaveLength(FACTS - 10);
    const total = documents.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total).toBeLessThan(16 * 1024 * 1024);
    const [{ count } = { count: 0 }] = await stores.database.query<{ count: number }>(
      'select count(*)::int as count from memory_turns c join turns t on t.id = c.turn_id where t.account_id = $1',
      [asker.accountId],
    );
    expect(count).toBe(FACTS - 10);
  });

  it('gets new search documents when the message beside its facts is erased', async () => {
    const erasing = new PostgresErasureStore(stores.database);
    const [beside] = await stores.database.query<{ id: string }>(
      `select c.memory_id as id from memory_turns c join turns t on t.id = c.turn_id
        where t.account_id = $1 and t.position = 1 limit 1`,
      [asker.accountId],
    );
    await stores.database.query(
      `delete from memories m using memory_turns c, turns t
        where c.memory_id = m.id and t.id = c.turn_id and t.account_id = $1 and t.position = 1 and m.id <> $2`,
      [asker.accountId, beside?.id],
    );
    const scope = { accountId: asker.accountId, tenantId: null };
    const pause = await longestPause(() =>
      erasing.eraseMemory(scope, beside?.id ?? '', { ...asker, apiKeyId: asker.apiKeyId }),
    );
    expect(pause).toBeLessThan(1_000);
    const [left] = await stores.database.query<{ count: number; indeed: number }>(
      `select count(*)::int as count,
              count(*) filter (where search_document @@ 'indeed'::tsquery)::int as indeed
         from memories where account_id = $1 and search_document @@ 'word7'::tsquery`,
      [asker.accountId],
    );
    expect(left?.indeed).toBe(0);
    expect(left?.count).toBeGreaterThan(900);
  });
});

const long = (wordAt: (nth: number) => string): string =>
  Array.from({ length: 20_000 }, (_, nth) => wordAt(nth))
    .join('')
    .slice(0, 40_000);

describe('the longest fact', () => {
  it.each([
    ['paths', long((nth) => `/ab${nth}x`)],
    ['addresses', long((nth) => `${nth % 251}.${nth % 241}.${nth % 239}.${nth % 233} `)],
    ['names with capitals', long((nth) => `Ab${'abcdefghij'.charAt(nth % 10)}Öl${nth} `)],
    ['Hangul', long((nth) => String.fromCharCode(0xac00 + ((nth * 7919) % 11_172)))],
    ['telephone numbers', long((nth) => `+49${nth * 104_729 + 1_000_000}, `)],
  ])('of %s fits into its search document', async (_what, text) => {
    const claim = await stores.claimed({ asker: anAsker(), request: aMessagesWrite() });
    expect(await stores.writes.complete(claim, extracted([aFact({ text })]))).toBe(true);
    const [document] = await sizes(claim.asker.accountId);
    expect(document?.bytes).toBeLessThan(512 * 1024);
  });
});

describe('values that no column can hold', () => {
  it.each([1.5, -5, 3e9, 1e300, NaN])(
    'do not keep facts from being stored: a provider that counts %d tokens',
    async (tokens) => {
      const claim = await stores.claimed({ asker: anAsker(), request: aMessagesWrite() });
      const usage = { inputTokens: tokens, outputTokens: tokens };
      const spent = [{ owner: 'caller' as const, llmCalls: 1, usage }];
      expect(await stores.writes.complete(claim, extracted([aFact()], { usage, spent }))).toBe(
        true,
      );
      expect((await stores.jobOf(claim)).state).toBe('succeeded');
    },
  );

  it('are removed from facts: NUL, half a surrogate pair, a year 0, an importance of 99', async () => {
    const claim = await stores.claimed({ asker: anAsker(), request: aMessagesWrite() });
    const facts = ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', '2021-04-01T00:00:00Z'].map(
      (date, nth) =>
        aFact({
          text: `Fact ${nth} \0 \ud83d`,
          topic: '\0',
          validFrom: new Date(date),
          importance: 99,
        }),
    );
    expect(await stores.writes.complete(claim, extracted(facts, { note: 'a\0b\udc00' }))).toBe(
      true,
    );
    const held = await stores.heldBy(claim.asker.accountId);
    expect(held.map(({ version }) => version.validFrom.getUTCFullYear() > 1_000)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each(['bad\0thing', `${'x'.repeat(999)}😀`.slice(0, 1_000)])(
    'do not keep a write from ending with its failure',
    async (detail) => {
      const claim = await stores.claimed({ asker: anAsker(), request: aMessagesWrite() });
      const provider = { name: 'openai', status: 400, type: detail, message: detail } as never;
      const failure = { code: 'llm_rejected_request' as const, detail, provider };
      expect(await stores.writes.fail(claim, failure)).toBe(true);
      expect(await stores.jobOf(claim)).toMatchObject({
        state: 'failed',
        failure: { code: 'llm_rejected_request' },
      });
    },
  );
});
