import { aHistory } from '@app/memory/testing';
import { Database } from '@app/persistence';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { storeHistories, tellOfBirth } from '../support/histories.js';
import { perFile } from '../support/per-file.js';

const SIZE = 300;
const BUDGET = 4 * 1024 * 1024;
const SAID = 'x'.repeat(300_000);
const ids: string[] = [];
let database: Database;

/** One message of 300 KB that 300 memories cite: whole in each it would be 90 MB. Each supersedes the one before. */
const gateway = await perFile(startGateway());

beforeAll(async () => {
  database = await Database.connect({ url: gateway.databaseUrl, poolSize: 2 });
  const turn = { id: randomUUID(), position: 0, role: 'user', name: null, saidAt: null };
  ids.push(...Array.from({ length: SIZE }, () => randomUUID()));
  const histories = ids.map((id, nth) =>
    aHistory(
      {
        id,
        accountId: gateway.accountId,
        text: `figs ${nth} ${'y'.repeat(20_000)}`,
        turns: [{ ...turn, text: SAID }],
      },
      nth === SIZE - 1 ? {} : { supersededBy: ids[nth + 1] ?? null },
    ),
  );
  await storeHistories(database, histories);
  await tellOfBirth(database, histories);
});

afterAll(async () => {
  await database.close();
});

const bytesOf = (json: unknown): number => Buffer.byteLength(JSON.stringify(json));

describe('memories that cite one long message', () => {
  it.each([
    ['/agent/memories', 'memories', () => ids.toSorted().toReversed()],
    [`/memories/:id/timeline`, 'timeline', () => ids],
  ])(
    'of %s fit into pages of limited size, and all pages together have every memory once',
    async (path, name, order) => {
      const seen: string[] = [];
      let [cursor, pages] = ['', 0];
      do {
        const address = `${path.replace(':id', ids[7] ?? '')}?limit=1000${cursor}`;
        const { status, json } = await gateway.send(address);
        expect(status).toBe(200);
        expect(bytesOf(json)).toBeLessThan(1.1 * BUDGET);
        const memories = json[name] as { id: string; source_citation: Record<string, unknown> }[];
        for (const { id, source_citation: cited } of memories) {
          seen.push(id);
          expect(cited).toMatchObject({ original_message_truncated: true });
          expect(cited['original_message']).toBe(`${SAID.slice(0, 4_000)}…`);
        }
        cursor = json.next_cursor === null ? '' : `&cursor=${json.next_cursor}`;
        pages += 1;
      } while (cursor !== '');
      expect(pages).toBeGreaterThan(1);
      expect(seen).toEqual(order());
    },
  );

  it('are shown with the whole message one at a time, and in their audit', async () => {
    const one = await gateway.send(`/agent/memories/${ids[0]}`);
    expect(one.json.source_citation).toMatchObject({
      original_message: SAID,
      original_message_truncated: false,
    });
    const audit = await gateway.send(`/memories/${ids[0]}/audit`);
    expect(audit.json.provenance).toMatchObject({
      original_input: SAID,
      original_input_truncated: false,
    });
    expect(audit.json).toMatchObject({ next_cursor: null, history: [{ event: 'memory.created' }] });
  });

  it('leave the last hits out of a search, and the answer says so', async () => {
    const { json } = await gateway.send('/agent/search', {
      body: { question: 'Which figs?', limit: 100, include_proof_tree: true },
    });
    expect(json.truncated).toBe(true);
    expect(bytesOf(json)).toBeLessThan(1.1 * BUDGET);
    expect(json.citations.length).toBeGreaterThan(10);
    expect(json.memories).toHaveLength(json.citations.length);
    expect(json.proof_tree.evidence).toHaveLength(json.citations.length);
    const few = await gateway.send('/agent/search', {
      body: { question: 'Which figs?', limit: 5 },
    });
    expect(few.json).toMatchObject({ truncated: false });
    expect(few.json.citations).toHaveLength(5);
  });

  it.each(['nonsense', Buffer.from('{"v":1}').toString('base64url')])(
    'a cursor that is malformed is rejected: %s',
    async (cursor) => {
      for (const path of ['timeline', 'audit']) {
        const { status } = await gateway.send(`/memories/${ids[0]}/${path}?cursor=${cursor}`);
        expect(status).toBe(400);
      }
    },
  );
});
