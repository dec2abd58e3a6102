import { createHash, randomUUID } from 'node:crypto';

import { aFact, aHistory, aMessage, aMessagesWrite, extracted } from '@app/memory/testing';
import { PostgresMemoryIndex, PostgresSearchDocumentStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { storeHistories } from '../support/histories.js';
import { asker as anAsker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;
let documents: PostgresSearchDocumentStore;

beforeAll(async () => {
  stores = await writeStores();
  documents = new PostgresSearchDocumentStore(stores.database);
});

afterAll(() => stores.close());

const FACT = 'Der Pass\u00ADwort-Speicher ist v2.14.1 in 서울에서.';

/** As a version before this one stored it: the parser's own words, and a fold with all that is not seen. */
async function storeOutdated(accountId: string, text: string): Promise<string> {
  const id = randomUUID();
  await storeHistories(stores.database, [aHistory({ id, accountId, tenantId: null, text: id })]);
  const foldBefore = createHash('sha256').update(text.normalize('NFKC').toLowerCase()).digest();
  await stores.database.query(
    `update memories set text = $2, fold_hash = $3, search_document = setweight(search_words($2), 'A') where id = $1`,
    [id, text, foldBefore],
  );
  return id;
}

async function rebuildAll(): Promise<number> {
  let rebuilt = 0;
  for (let some = 1; some > 0; rebuilt += some) some = await documents.rebuildOutdated(10);
  return rebuilt;
}

async function find(accountId: string, question: string): Promise<readonly string[]> {
  const scope = { accountId, tenantId: null };
  const retrieval = { question, scope, filter: {}, moment: {}, limit: 10 };
  const { hits } = await new PostgresMemoryIndex(stores.database).retrieve(retrieval);
  return hits.map(({ seen }) => seen.memory.id);
}

const formsOf = (accountId: string) =>
  stores.database.query<{ id: string; form: number; document: string }>(
    `select id, search_form as form, search_document::text as document from memories
      where account_id = $1 order by created_at, id`,
    [accountId],
  );

describe('a memory that an older version stored', () => {
  it('is found like a new one once it is rebuilt, and its duplicate is recognised', async () => {
    const asker = anAsker();
    const id = await storeOutdated(asker.accountId, FACT);
    expect(await find(asker.accountId, '2.14')).toEqual([]);
    expect(await find(asker.accountId, '서울')).toEqual([]);

    expect(await rebuildAll()).toBe(1);
    for (const question of ['2.14', '서울', 'Passwort'])
      expect(await find(asker.accountId, question)).toEqual([id]);
    expect(await formsOf(asker.accountId)).toMatchObject([{ id, form: 1 }]);

    const claim = await stores.claimed({ asker, request: aMessagesWrite({ source: 'agent' }) });
    const again = aFact({ text: FACT.replace('\u00AD', '') });
    await stores.writes.complete(claim, extracted([again]));
    expect((await stores.jobOf(claim)).result?.memoryIds).toEqual([]);
  });

  it('stays beside another memory that has become its duplicate', async () => {
    const { accountId } = anAsker();
    await storeOutdated(accountId, 'Ana has a cat.');
    await storeOutdated(accountId, 'Ana has a\u200B cat.');
    await storeOutdated(accountId, 'Ana has\u2060 a cat.');
    expect(await rebuildAll()).toBe(3);
    expect(await find(accountId, 'cat')).toHaveLength(3);
    expect(await rebuildAll()).toBe(0);
  });

  it('gets the words of its turns, and none of an erased turn', async () => {
    const asker = anAsker();
    const messages = ['Look into config_old.yml.', 'I do.', 'Look into host.example.com.'];
    const request = aMessagesWrite({ messages: messages.map((content) => aMessage({ content })) });
    const claim = await stores.claimed({ asker, request });
    const facts = [
      aFact({ text: 'One.', positions: [0] }),
      aFact({ text: 'Two.', positions: [2] }),
    ];
    await stores.writes.complete(claim, extracted(facts));
    await stores.database.query(
      `update memories set search_form = 0, search_document = '' where account_id = $1`,
      [asker.accountId],
    );
    await stores.database.query(
      `delete from memory_turns where turn_id in (select id from turns where account_id = $1 and position = 0)`,
      [asker.accountId],
    );
    await stores.database.query('delete from turns where account_id = $1 and position = 0', [
      asker.accountId,
    ]);
    expect(await rebuildAll()).toBe(2);
    expect(await find(asker.accountId, 'example.com')).toHaveLength(1);
    expect(await find(asker.accountId, 'config_old.yml')).toEqual([]);
  });

  it('is not rebuilt while it is being erased', async () => {
    const { accountId } = anAsker();
    const id = await storeOutdated(accountId, 'Locked.');
    await stores.database.inTransaction(async (statements) => {
      await statements.query('select from memories where id = $1 for update', [id]);
      expect(await documents.rebuildOutdated(10)).toBe(0);
    });
    expect(await rebuildAll()).toBe(1);
  });
});
