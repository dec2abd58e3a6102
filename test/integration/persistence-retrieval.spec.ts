import { randomUUID } from 'node:crypto';

import { ALL_TENANTS, type Hit, type Retrieval } from '@app/memory';
import {
  aContentWrite,
  aFact,
  aHistory,
  aMessage,
  aMessagesWrite,
  aNewWrite,
  extracted,
} from '@app/memory/testing';
import { PostgresMemoryIndex } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { storeHistories } from '../support/histories.js';
import { SingleWrites } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let index: PostgresMemoryIndex;
let writes: SingleWrites;

beforeAll(async () => {
  connected = await connectedDatabase();
  index = new PostgresMemoryIndex(connected.database);
  writes = new SingleWrites(connected.database);
});

afterAll(() => connected.close());

const apiKeyId = randomUUID();

/** A scope of its own for each test. */
function ask(accountId: string, question: string, given: Partial<Retrieval> = {}) {
  return index.retrieve({
    question,
    scope: { accountId, tenantId: null },
    filter: {},
    moment: {},
    limit: 10,
    ...given,
  });
}

const texts = (hits: readonly Hit[]): readonly string[] => hits.map(({ seen }) => seen.memory.text);

async function remember(
  accountId: string,
  content: string,
  given: Parameters<typeof aContentWrite>[0] = {},
): Promise<void> {
  const asker = { accountId, apiKeyId };
  await writes.remember({
    id: randomUUID(),
    asker,
    request: aContentWrite({ content, ...given }),
    writesPerMonth: null,
    requestId: 'r',
  });
}

async function accountWith(...contents: readonly string[]): Promise<string> {
  const accountId = randomUUID();
  for (const content of contents) await remember(accountId, content);
  return accountId;
}

const day = (text: string): Date => new Date(`2021-${text}T00:00:00Z`);

describe('words of a question', () => {
  it('find by any of them, in any form', async () => {
    const account = await accountWith(
      'Ana bakes bread on Sundays.',
      'Ben repairs clocks.',
      'Cleo paints.',
    );
    const { hits, searched } = await ask(account, 'Who has baked the best cakes on a Sunday?');
    expect(texts(hits)).toEqual(['Ana bakes bread on Sundays.']);
    expect(searched).toBe(3);
  });

  it('rank a fact by how many of them it contains', async () => {
    const account = await accountWith(
      'Ana likes tea.',
      'Ana likes green tea with ginger.',
      'Ben likes coffee.',
    );
    const { hits } = await ask(account, 'green tea with ginger');
    expect(texts(hits)).toEqual(['Ana likes green tea with ginger.', 'Ana likes tea.']);
    expect(hits[0]?.similarity).toBeGreaterThan(hits[1]?.similarity ?? 1);
  });

  it('do not find every fact by "the", which all facts contain', async () => {
    const account = await accountWith(
      'The cat is on the sofa.',
      'The dog is in the garden.',
      'The car is at the shop.',
    );
    expect(texts((await ask(account, 'What is the dog in?')).hits)).toEqual([
      'The dog is in the garden.',
    ]);
  });

  it('find nothing when none occurs', async () => {
    const account = await accountWith('Ana likes tea.');
    expect(await ask(account, 'Quantum chromodynamics?')).toEqual({
      hits: [],
      searched: 1,
      leftOut: 0,
    });
  });

  it('may be anything: operators, quotes, backslashes, NUL, weights', async () => {
    const account = await accountWith(`O'Brien keeps C:\\temp & !(secret) | tags:*.`);
    for (const question of [
      `o'brien`,
      '\\temp',
      `'; drop table memories; --`,
      '!( & | tags:A*',
      'temp\0',
      '\ud800 tags',
      "'",
    ]) {
      await expect(ask(account, question)).resolves.toMatchObject({ searched: 1 });
    }
    expect(texts((await ask(account, `o'brien`)).hits)).toHaveLength(1);
  });

  it('are found in scripts without spaces, and in languages other than English', async () => {
    const account = await accountWith(
      '私の猫の名前はミケです。',
      'Сестра живёт в Казани.',
      'Die Tochter studiert Maschinenbau.',
      '我住在北京。',
    );
    expect(texts((await ask(account, '猫の名前は?')).hits)[0]).toBe('私の猫の名前はミケです。');
    expect(texts((await ask(account, 'Кто живёт в Казани?')).hits)).toEqual([
      'Сестра живёт в Казани.',
    ]);
    expect(texts((await ask(account, 'Was studiert die Tochter?')).hits)).toEqual([
      'Die Tochter studiert Maschinenbau.',
    ]);
    expect(texts((await ask(account, '谁住在北京?')).hits)[0]).toBe('我住在北京。');
  });
});

describe('a question without words', () => {
  it.each(['Who am I to you?', '???', ''])(
    '(%s) returns the most important memories, then the newest',
    async (question) => {
      const account = await accountWith('minor', 'older', 'newer');
      await remember(account, 'major', { importance: 9 });
      const { hits, searched } = await ask(account, question, { limit: 3 });
      expect(texts(hits)).toEqual(['major', 'newer', 'older']);
      expect(hits.map(({ similarity }) => similarity)).toEqual([0, 0, 0]);
      expect(searched).toBe(4);
    },
  );
});

describe('the place of a word', () => {
  it('counts most in the fact, less in its turn, least in the turns beside it', async () => {
    const asker = { accountId: randomUUID(), apiKeyId };
    const said = ['hello', 'marathon', 'ok', 'sure', 'fine', 'marathon', 'so', 'well', 'hm'].map(
      (content) => aMessage({ content }),
    );
    const write = aNewWrite({ asker, request: aMessagesWrite({ messages: said }) });
    await writes.accept([write]);
    const claim = await writes.claim(write.id, 1);
    if (claim === undefined) throw new Error('no claim');
    await writes.complete(
      claim,
      extracted([
        aFact({ text: 'beside it', positions: [6] }),
        aFact({ text: 'in its turn', positions: [1] }),
        aFact({ text: 'a marathon in the fact', positions: [3] }),
        aFact({ text: 'nowhere', positions: [8] }),
      ]),
    );
    const { hits } = await ask(asker.accountId, 'marathon');
    expect(texts(hits)).toEqual(['a marathon in the fact', 'in its turn', 'beside it']);
    expect(hits[1]?.seen.memory.turns.map(({ text }) => text)).toEqual(['marathon']);
  });
});

describe('similarity', () => {
  it('is between 0 and 1, falls along the ranking, and does not depend on the other memories', async () => {
    const account = await accountWith(
      'Ana plays chess.',
      'Chess, chess, chess: Ana plays chess at the chess club.',
      'Ana swims.',
    );
    const before = (await ask(account, 'Does Ana play chess?')).hits;
    await remember(account, 'Ana teaches chess on Fridays and plays it on Mondays.');
    const after = (await ask(account, 'Does Ana play chess?')).hits;
    const similarities = after.map(({ similarity }) => similarity);
    expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
    expect(similarities.every((similarity) => similarity > 0 && similarity <= 1)).toBe(true);
    for (const { seen, similarity } of before) {
      expect(after.find((hit) => hit.seen.memory.id === seen.memory.id)?.similarity).toBe(
        similarity,
      );
    }
  });

  it('is 1 when the fact contains the whole question', async () => {
    const account = await accountWith('Ana plays chess.');
    expect((await ask(account, 'Chess?')).hits[0]?.similarity).toBe(1);
    expect((await ask(account, 'chess or checkers')).hits[0]?.similarity).toBeLessThan(0.7);
  });
});

describe('the scope of a search', () => {
  it('separates accounts and tenants', async () => {
    const account = await accountWith('Ana likes tea.');
    await remember(account, 'Ben likes tea.', { tenantId: 'blue' });
    await accountWith('Eve likes tea.');
    expect(texts((await ask(account, 'tea')).hits)).toEqual(['Ana likes tea.']);
    expect(
      await ask(account, 'tea', { scope: { accountId: account, tenantId: 'blue' } }),
    ).toMatchObject({ searched: 1, hits: [{ seen: { memory: { text: 'Ben likes tea.' } } }] });
    expect(
      (await ask(account, 'tea', { scope: { accountId: account, tenantId: ALL_TENANTS } })).hits,
    ).toHaveLength(2);
    expect(await ask(randomUUID(), 'tea')).toEqual({ hits: [], searched: 0, leftOut: 0 });
  });

  it('is narrowed by source and metadata, with words and without', async () => {
    const account = await accountWith('Ana likes tea.');
    await remember(account, 'Ana likes black tea.', { source: 'crm', metadata: { team: 'red' } });
    for (const question of ['tea', 'who?']) {
      expect(await ask(account, question, { filter: { sources: ['crm'] } })).toMatchObject({
        searched: 1,
        hits: [{ seen: { memory: { source: 'crm' } } }],
      });
      expect(
        (await ask(account, question, { filter: { metadata: { team: 'red' } } })).hits,
      ).toHaveLength(1);
      expect(
        (await ask(account, question, { filter: { metadata: { team: 'blue' } } })).hits,
      ).toHaveLength(0);
    }
  });
});

describe('both time axes', () => {
  it('are applied before the ranking', async () => {
    const accountId = randomUUID();
    const superseded = aHistory(
      { accountId, text: 'Ana works at Acme.', createdAt: day('01-10') },
      { validFrom: day('01-01'), believedTo: day('04-20') },
      {
        validFrom: day('01-01'),
        validTo: day('04-30'),
        supersededBy: randomUUID(),
        believedFrom: day('04-20'),
      },
    );
    const successor = aHistory(
      { accountId, text: 'Ana works at Globex.', createdAt: day('04-20') },
      { validFrom: day('04-30') },
    );
    await storeHistories(connected.database, [superseded, successor]);
    const where = async (moment: Retrieval['moment']) =>
      texts((await ask(accountId, 'Where does Ana work?', { moment })).hits);

    expect(await where({})).toEqual(['Ana works at Globex.']);
    expect(await where({ asOf: day('04-15') })).toEqual(['Ana works at Acme.']);
    expect(await where({ transactionAsOf: day('04-15') })).toEqual(['Ana works at Acme.']);
    expect(await where({ transactionAsOf: day('05-15') })).toHaveLength(2);
    expect(await where({ asOf: day('05-15'), transactionAsOf: day('04-15') })).toEqual([
      'Ana works at Acme.',
    ]);
    expect(await where({ asOf: day('05-15'), transactionAsOf: day('05-15') })).toEqual([
      'Ana works at Globex.',
    ]);
    expect(await where({ transactionAsOf: day('01-05') })).toEqual([]);

    const { hits } = await ask(accountId, 'Ana', {
      moment: { asOf: day('05-15'), transactionAsOf: day('04-15') },
    });
    expect(hits[0]?.seen.version).toMatchObject({
      validTo: null,
      supersededBy: null,
      believedTo: day('04-20'),
    });
  });
});
