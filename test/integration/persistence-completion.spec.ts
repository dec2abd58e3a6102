import { randomUUID } from 'node:crypto';

import { contentAsFact } from '@app/memory';
import { aContentWrite, aFact, aMessage, aMessagesWrite, extracted } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

describe('completing a write', () => {
  it('stores facts with their turns, versions and events, and erases the request', async () => {
    const said = [0, 1, 2, 3, 4, 5].map((hour) =>
      aMessage({ content: `turn ${hour}`, at: new Date(Date.UTC(2021, 4, 1, hour)) }),
    );
    const claim = await stores.claimed({
      request: aMessagesWrite({
        tenantId: 'blue',
        sessionId: 's',
        metadata: { a: 1 },
        messages: said,
      }),
    });
    const facts = [
      aFact({ text: 'one', positions: [1, 0] }),
      aFact({ text: 'two', positions: [1], validFrom: new Date('2020-12-24T00:00:00Z') }),
      aFact({ text: 'three', positions: [99] }),
    ];
    expect(await stores.writes.complete(claim, extracted(facts, { note: 'as found' }))).toBe(true);

    const job = await stores.jobs.find(claim.asker.accountId, claim.id);
    const { memories: stored } = await stores.memories.findMany(
      { accountId: claim.asker.accountId, tenantId: 'blue' },
      job?.kind === 'write' ? (job.result?.memoryIds ?? []) : [],
      {},
    );
    const by = new Map(stored.map((seen) => [seen.memory.text, seen]));
    expect(by.get('one')?.memory).toMatchObject({
      tenantId: 'blue',
      sessionId: 's',
      metadata: { a: 1 },
      topic: 'Home',
      category: 'location',
      importance: 6,
      capturedAt: said[1]?.at,
      extraction: {
        provider: 'openai',
        byoLlm: true,
        extractedAt: new Date('2026-05-01T12:00:00Z'),
      },
    });
    expect(
      by.get('one')?.memory.turns.map(({ text, position, saidAt }) => [text, position, saidAt]),
    ).toEqual([
      ['turn 0', 0, said[0]?.at],
      ['turn 1', 1, said[1]?.at],
    ]);
    expect(by.get('two')?.memory.turns.map(({ id }) => id)).toEqual([
      by.get('one')?.memory.turns[1]?.id,
    ]);
    expect(by.get('two')?.version.validFrom).toEqual(new Date('2020-12-24T00:00:00Z'));
    expect(by.get('three')?.memory.turns).toEqual([]);
    expect(by.get('one')?.version).toMatchObject({
      validFrom: said[1]?.at,
      validTo: null,
      believedTo: null,
    });

    // Turn 2 is the neighbour of a cited one; what nothing rests on is not kept.
    const turns = await stores.database.query<{ position: number }>(
      'select position from turns where write_id = $1 order by 1',
      [claim.id],
    );
    expect(turns.map(({ position }) => position)).toEqual([0, 1, 2]);
    const events = await stores.database.query(
      'select event, api_key_id from audit_events where account_id = $1',
      [claim.asker.accountId],
    );
    expect(events).toEqual(
      facts.map(() => ({ event: 'memory.created', api_key_id: claim.asker.apiKeyId })),
    );
    expect(await stores.row(claim.id)).toMatchObject({
      request: null,
      state: 'succeeded',
      llm_calls: 1,
      input_tokens: 120,
      output_tokens: 30,
    });
    expect(job).toMatchObject({
      kind: 'write',
      state: 'succeeded',
      attempts: 1,
      tenantId: 'blue',
      failure: null,
      result: {
        mode: 'messages',
        status: 'extracted',
        extractedCount: 3,
        extraction: { note: 'as found', llmCalls: 1, byoLlm: true },
      },
    });
  });

  it('keeps the order of the facts, and leaves out those that are stored already', async () => {
    const claim = await stores.claimed();
    await stores.writes.remember({
      id: randomUUID(),
      asker: claim.asker,
      request: aContentWrite({ content: 'Known.' }),
      writesPerMonth: null,
      requestId: 'r',
    });
    const facts = ['zeta', ' KNOWN. ', 'alpha', 'Zeta', 'mid'].map((text) => aFact({ text }));
    await stores.writes.complete(claim, extracted(facts));
    const job = await stores.jobs.find(claim.asker.accountId, claim.id);
    if (job?.kind !== 'write') throw new Error('no job');
    const found = await stores.heldBy(claim.asker.accountId);
    const texts = job.result?.memoryIds.map(
      (id) => found.find(({ memory }) => memory.id === id)?.memory.text,
    );
    expect(texts).toEqual(['zeta', 'alpha', 'mid']);
    expect(job.result?.extractedCount).toBe(5);
    expect(found).toHaveLength(4);
  });

  it('succeeds without facts', async () => {
    const claim = await stores.claimed();
    expect(await stores.writes.complete(claim, extracted([], { note: 'Only greetings.' }))).toBe(
      true,
    );
    expect(await stores.jobs.find(claim.asker.accountId, claim.id)).toMatchObject({
      state: 'succeeded',
      result: { memoryIds: [], extractedCount: 0 },
    });
  });

  it('stores once when two attempts finish together', async () => {
    const first = await stores.claimed();
    const second = await stores.writes.claim(first.id, 1);
    if (second === undefined) throw new Error('no second attempt');
    const facts = extracted([aFact({ text: 'stored once' })]);
    const outcomes = await Promise.all([
      stores.writes.complete(first, facts),
      stores.writes.complete(second, facts),
      stores.writes.complete(second, facts),
    ]);
    expect(outcomes.filter((stored) => stored)).toEqual([true]);
    expect(outcomes[0]).toBe(false);
    expect(await stores.heldBy(first.asker.accountId)).toHaveLength(1);
  });

  it('stores each fact once when many writes bring the same facts in different orders', async () => {
    const who = asker();
    const texts = Array.from({ length: 30 }, (_, index) => `fact ${index}`);
    const claims = await Promise.all(
      Array.from({ length: 6 }, () => stores.claimed({ asker: who })),
    );
    await Promise.all(
      claims.map((claim, index) => {
        const order = index % 2 === 0 ? texts : texts.toReversed();
        return stores.writes.complete(claim, extracted(order.map((text) => aFact({ text }))));
      }),
    );
    expect(
      (await stores.heldBy(who.accountId)).map(({ memory }) => memory.text).toSorted(),
    ).toEqual(texts.toSorted());
  });

  it('inserts facts in the order of their hashes, so that two writes wait for each other and never deadlock', async () => {
    const claim = await stores.claimed();
    const facts = Array.from({ length: 30 }, (_, index) => aFact({ text: `fact ${index}` }));
    await stores.writes.complete(claim, extracted(facts));
    const rows = await stores.database.query<{ fold: string }>(
      `select encode(fold_hash, 'hex') as fold from memories where account_id = $1 order by ctid`,
      [claim.asker.accountId],
    );
    const folds = rows.map(({ fold }) => fold);
    expect(folds).toHaveLength(30);
    expect(folds).toEqual(folds.toSorted());
  });

  it('stores whatever a model may write: NUL, half a surrogate pair, a word of a megabyte', async () => {
    const huge = Array.from({ length: 60_000 }, (_, index) => `word${index.toString(36)}x`).join(
      ' ',
    );
    const claim = await stores.claimed({
      request: aMessagesWrite({
        messages: [aMessage({ content: `${huge} ${'a'.repeat(900_000)}` })],
      }),
    });
    expect(
      await stores.writes.complete(claim, extracted([aFact({ text: 'Ana\0 said \ud800 it.' })])),
    ).toBe(true);
    expect((await stores.heldBy(claim.asker.accountId))[0]?.memory.text).toBe(
      'Ana said \ufffd it.',
    );
  });
});

describe('completing a content write', () => {
  const request = aContentWrite({
    content: 'Ana  lives in Lisbon.',
    tenantId: 'blue',
    recordedAt: new Date('2021-03-03T00:00:00Z'),
  });

  it('stores the fact unchanged, and erases the request', async () => {
    const claim = await stores.claimed({ request });
    expect(await stores.writes.complete(claim, contentAsFact(request))).toBe(true);
    const [seen] = await stores.heldBy(claim.asker.accountId);
    expect(seen).toMatchObject({
      memory: {
        text: 'Ana  lives in Lisbon.',
        tenantId: 'blue',
        capturedAt: request.recordedAt,
        extraction: null,
        turns: [],
      },
      version: { validFrom: request.recordedAt },
    });
    expect((await stores.jobOf(claim)).result).toMatchObject({
      mode: 'content',
      status: 'saved',
      memoryIds: [seen?.memory.id],
      extraction: null,
    });
    expect(await stores.row(claim.id)).toMatchObject({ state: 'succeeded', request: null });
  });

  it('answers a duplicate with the stored memory', async () => {
    const first = await stores.claimed({ request });
    await stores.writes.complete(first, contentAsFact(request));
    const [stands] = await stores.heldBy(first.asker.accountId);
    const again = { ...request, content: 'ANA lives in lisbon.' };
    const second = await stores.claimed({ asker: first.asker, request: again });
    await stores.writes.complete(second, contentAsFact(again));
    expect((await stores.jobOf(second)).result).toMatchObject({
      mode: 'content',
      status: 'duplicate',
      memoryIds: [stands?.memory.id],
    });
    expect(await stores.heldBy(first.asker.accountId)).toHaveLength(1);
  });

  it('leaves the same rows as a gateway that stores the fact itself', async () => {
    const claim = await stores.claimed({ request });
    await stores.writes.complete(claim, contentAsFact(request));
    const who = asker();
    const given = { id: randomUUID(), asker: who, request, requestId: 'r', writesPerMonth: null };
    await stores.writes.remember(given);
    const left = async (accountId: string) =>
      (
        await stores.database.query<Record<string, unknown>>(
          `select to_jsonb(m) - '{id,account_id,write_id,created_at}'::text[] as memory, w.result - 'memoryIds' #- '{autoSupersede,0,memoryId}' as result
             from memories m join writes w on w.id = m.write_id where m.account_id = $1`,
          [accountId],
        )
      )[0];
    expect(await left(claim.asker.accountId)).toEqual(await left(who.accountId));
  });
});
