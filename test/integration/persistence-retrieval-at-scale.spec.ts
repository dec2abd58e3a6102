import { randomUUID } from 'node:crypto';

import type { Hit } from '@app/memory';
import { PostgresMemoryIndex } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';

let connected: ConnectedDatabase;
let index: PostgresMemoryIndex;

beforeAll(async () => {
  connected = await connectedDatabase();
  index = new PostgresMemoryIndex(connected.database);
});

afterAll(() => connected.close());

const ask = (accountId: string, question: string, { limit = 10 } = {}) =>
  index.retrieve({ question, scope: { accountId, tenantId: null }, filter: {}, moment: {}, limit });

const texts = (hits: readonly Hit[]): readonly string[] => hits.map(({ seen }) => seen.memory.text);

describe.each([
  ['middling', 3_000],
  ['large', 25_000],
])('a %s scope', (_, size) => {
  const accountId = randomUUID();

  beforeAll(async () => {
    await connected.database.query(
      `with stored as (
         insert into memories (id, account_id, tenant_id, source, metadata, text, fold_hash, topic, category, importance, write_id,
                               created_at, captured_at, valid_from, search_document)
         select gen_random_uuid(), $1, '', 'agent', '{}', text, sha256(text::bytea), 'General', 'other', 5, gen_random_uuid(),
                '2021-01-01', '2021-01-01', '2021-01-01', setweight(search_words(text), 'A')
           from (select 'common note ' || n || case when n % 1000 = 0 then ' about a zebra' else '' end as text
                   from generate_series(1, $2::int) as n) as made
         returning id, created_at)
       insert into memory_versions (memory_id, account_id, valid_from, believed_from) select id, $1, created_at, created_at from stored`,
      [accountId, size],
    );
    await connected.database.query('analyze memories');
  });

  it('finds the rare fact among common ones', async () => {
    const { hits, searched } = await ask(accountId, 'Is there a common zebra?', { limit: 3 });
    expect(hits).toHaveLength(3);
    expect(texts(hits).every((text) => text.includes('zebra'))).toBe(true);
    expect(hits[0]?.similarity).toBeGreaterThan(0.6);
    expect(searched).toBe(size);
  });

  it('answers a question of thousands of words that all occur in memories', async () => {
    const words = Array.from({ length: 6_000 }, (_word, nth) => nth).join(' ');
    const { hits } = await ask(accountId, `zebra ${words}`);
    expect(hits).toHaveLength(10);
  });

  it('answers a question of common words only, and one without words', async () => {
    expect((await ask(accountId, 'common')).hits).toHaveLength(10);
    expect(await ask(accountId, 'who?')).toMatchObject({ searched: size, hits: { length: 10 } });
  });
});
