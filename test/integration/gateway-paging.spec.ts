import { aHistory } from '@app/memory/testing';
import { Database } from '@app/persistence';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { storeHistories } from '../support/histories.js';
import { perFile } from '../support/per-file.js';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const SUPERSEDED_AT = at(20);
const fields = {
  source: 'chat',
  sessionId: 's 1',
  topic: 'Home & garden',
  category: 'location',
  externalId: 'e/1',
  metadata: { team: 'red', n: 1 },
} as const;

let database: Database;

const gateway = await perFile(startGateway());

beforeAll(async () => {
  database = await Database.connect({ url: gateway.databaseUrl, poolSize: 2 });
  // Nine to a moment: no page of four ends where a moment does.
  for (const day of [1, 2, 3]) for (let nth = 0; nth < 9; nth += 1) await store(day, nth);
});

afterAll(async () => {
  await database.close();
});

/** Every third was superseded on the 20th. */
async function store(day: number, nth: number, believedFrom = at(day)): Promise<void> {
  const given = { ...fields, accountId: gateway.accountId, createdAt: at(day) };
  const history = aHistory(
    { ...given, text: `${day}.${nth} ${randomUUID()}` },
    ...(nth % 3 === 0 && believedFrom <= SUPERSEDED_AT
      ? [
          { believedFrom, believedTo: SUPERSEDED_AT },
          { believedFrom: SUPERSEDED_AT, validTo: at(19), supersededBy: randomUUID() },
        ]
      : [{ believedFrom }]),
  );
  await storeHistories(database, [history]);
}

async function read(parameters: string): Promise<{ ids: string[]; next: string | null }> {
  const { status, json } = await gateway.send(`/agent/memories?${parameters}`);
  expect(status).toBe(200);
  const memories = json.memories as { id: string }[];
  return { ids: memories.map(({ id }) => id), next: json.next_cursor };
}

describe('a list that is paged while memories are added', () => {
  it.each([
    ['', 18],
    ['tenant_id=*', 18],
    ['source=chat&source=other', 18],
    ['session_id=s+1', 18],
    ['topic=Home+%26+garden', 18],
    ['category=location', 18],
    ['external_id=e/1', 18],
    ['metadata[team]=red&metadata[n]=1', 18],
    ['include_superseded=true', 27],
    ['as_of=2026-01-02T12:00:00Z', 18],
    ['as_of=2026-01-02T12:00:00Z&include_superseded=true', 18],
    ['transaction_as_of=2026-01-10T00:00:00Z', 27],
    ['transaction_as_of=2026-01-21T00:00:00Z', 27],
    ['as_of=2026-01-25T00:00:00Z&transaction_as_of=2026-01-10T00:00:00Z', 27],
    ['as_of=2026-01-25T00:00:00Z&transaction_as_of=2026-01-21T00:00:00Z', 18],
  ])('%s: leaves out none and repeats none', async (parameters, least) => {
    const all = await read(`${parameters}&limit=1000`);
    expect(all.ids.length).toBeGreaterThanOrEqual(least);
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const cursor: string = next === null ? '' : `&cursor=${next}`;
      const page = await read(`${parameters}&limit=4${cursor}`);
      seen.push(...page.ids);
      next = page.next;
      // One at the top, and one at the same moment as those that are being read.
      await gateway.send('/agent/memories', { body: { content: `New: ${randomUUID()}` } });
      await store(2, 1, new Date());
    } while (next !== null);
    expect(seen).toEqual(all.ids);
  });
});

describe('metadata filters', () => {
  it.each([
    ['team', 'red', 'red'],
    ['a b.c/d~e', 'x', 'x'],
    ['größe 🐈', 'ü', 'ü'],
    [`o'brien"\\`, `'; --`, `'; --`],
    ['%', '%25', '%25'],
    ['constructor', 'x', 'x'],
    ['n', 12.5, '12.5'],
    ['flag', true, 'true'],
    ['nested', { b: [1, 'x'] }, '{"b": [1, "x"]}'],
    ['list', [1, 2], '[1, 2]'],
    ['empty', '', ''],
  ])('[%s] compare as text, in a list and in a search', async (name, value, text) => {
    const tenant_id = randomUUID();
    const remember = (content: string, metadata: object) =>
      gateway.send('/agent/memories', { body: { content, tenant_id, metadata } });
    const saved = await remember('Wanted.', { [name]: value, other: 1 });
    await remember('Not wanted.', { [name]: 'something else' });
    await remember('Nor this.', {});
    const query = new URLSearchParams({
      tenant_id,
      [`metadata[${name}]`]: text,
      'metadata[other]': '1',
    });
    expect((await read(String(query))).ids).toEqual([saved.json.memory_id]);
    const body = { question: 'Wanted?', tenant_id, metadata: { [name]: text, other: 1 } };
    const { json } = await gateway.send('/agent/search', { body });
    expect(json).toMatchObject({ memories_searched: 1, citations: [{ decision: 'Wanted.' }] });
  });
});
