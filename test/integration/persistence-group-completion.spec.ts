import { randomUUID } from 'node:crypto';

import type { Asker, ExtractedFacts, MessagesWrite, StoredResult, WriteClaim } from '@app/memory';
import { aFact, aMessage, aMessagesWrite, extracted } from '@app/memory/testing';
import { PostgresJobLifecycle, PostgresUsageStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { leftBehind } from '../support/left-behind.js';
import { asker as anAsker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

interface Completion {
  readonly claim: WriteClaim;
  readonly result: ExtractedFacts;
}

/** Two batches are in flight at once: of a list that is completed together, all after the first two are one batch. */
async function complete(jobs: readonly Completion[], lifecycle = stores.writes.lifecycle) {
  const outcomes = await lifecycle.succeed('write', jobs);
  return outcomes.map((outcome) =>
    outcome.status === 'rejected' ? outcome.reason : outcome.value,
  ) as (StoredResult | undefined)[];
}

const claims = (count: number, asker?: Asker): Promise<readonly WriteClaim[]> =>
  Promise.all(
    Array.from({ length: count }, () => stores.claimed(asker === undefined ? {} : { asker })),
  );

/** A result with these facts, all of them from the first message. */
const found = (...texts: readonly string[]): ExtractedFacts =>
  extracted(texts.map((text) => aFact({ text })));

const textsOf = async ({ accountId }: Asker): Promise<readonly string[]> =>
  (await stores.heldBy(accountId)).map(({ memory }) => memory.text).toSorted();

const idsIn = async (claim: WriteClaim): Promise<readonly string[]> =>
  (await stores.jobOf(claim)).result?.memoryIds ?? [];

async function countOf(table: string, where: string, value: string): Promise<number> {
  const [row] = await stores.database.query<{ count: number }>(
    `select count(*)::int as count from ${table} where ${where} = $1`,
    [value],
  );
  return row?.count ?? 0;
}

describe('completing many writes at once', () => {
  it('stores of each exactly what a transaction of its own stores', async () => {
    const messages = [
      'I moved to Lisbon.',
      'When?',
      'In spring.',
      'Naïve\0 \ud800 C++',
      'Oh.',
      'Bye.',
    ];
    const request: MessagesWrite = aMessagesWrite({
      tenantId: 'blue',
      source: 'app',
      sessionId: 's-1',
      externalId: 'e-1',
      metadata: { deep: [{ a: null }] },
      messages: messages.map((content, hour) =>
        aMessage({
          content,
          name: hour === 0 ? 'Ana' : null,
          at: hour < 2 ? new Date(2021, 1, hour) : null,
        }),
      ),
    });
    const facts = [
      aFact({ text: 'Ana lives in Lisbon.', positions: [0, 2] }),
      aFact({ text: 'Known already.', positions: [4] }),
      aFact({ text: 'ana LIVES in lisbon.', positions: [5] }),
      aFact({ text: 'Ana moved in spring.\0', positions: [2], validFrom: new Date('2020-04-01') }),
      aFact({ text: 'Ana knows C++.', positions: [3], importance: 99 }),
      aFact({ text: 'Ana is here.', positions: [] }),
    ];
    const result = extracted(facts, {
      note: 'as \0found',
      comparisons: facts.map((_, index) => ({
        skipped: index === 0 ? 'no_candidates' : 'disabled',
      })),
      spent: [
        { owner: 'caller', llmCalls: 2, usage: { inputTokens: 10, outputTokens: 3 } },
        { owner: 'bundled', llmCalls: 0, usage: { inputTokens: 0, outputTokens: 0 } },
      ],
    });
    // A message that no fact cites makes the write too large for a batch.
    const uncited = Array.from({ length: 3 }, () => aMessage({ content: 'x'.repeat(70_000) }));
    const leftBy = async (given: MessagesWrite) => {
      const who = anAsker();
      const known = await stores.claimed({
        asker: who,
        request: { ...request, messages: [aMessage()] },
      });
      await stores.writes.complete(known, found('Known already.'));
      const claim = await stores.claimed({ asker: who, request: given });
      expect(await complete([{ claim, result }])).toEqual([{ memoriesStored: 4 }]);
      const left = await leftBehind(stores.database, claim.id);
      const usage = await new PostgresUsageStore(stores.database).inThisPeriod(who.accountId);
      return { ...left, spending: usage.spending };
    };
    const grouped = await leftBy(request);
    expect(grouped.memories).toHaveLength(4);
    expect(grouped.turns).toHaveLength(5);
    expect(grouped).toEqual(
      await leftBy({ ...request, messages: [...request.messages, ...uncited] }),
    );
  });

  it('stores each fact once, whichever writes of whichever batches bring it, and counts exactly', async () => {
    const askers = [anAsker(), anAsker(), anAsker()] as const;
    const texts = Array.from({ length: 25 }, (_, index) => `fact ${index}`);
    const jobs = (await Promise.all(askers.map((asker) => claims(40, asker)))).flatMap(
      (some, account) =>
        some.map((claim, index) => {
          const order = index % 2 === 0 ? texts : texts.toReversed();
          const from = (index * 7 + account) % 19;
          return { claim, result: found(...order.slice(from, from + 6), `of ${claim.id}`) };
        }),
    );
    // Two processes, each with its own batches.
    const other = new PostgresJobLifecycle(stores.database);
    const half = jobs.length / 2;
    const outcomes = await Promise.all([
      complete(jobs.slice(0, half)),
      complete(jobs.slice(half), other),
    ]);
    const stored = outcomes.flat();
    for (const asker of askers) {
      const mine = jobs.filter(({ claim }) => claim.asker.accountId === asker.accountId);
      const own = mine.map(({ claim }) => `of ${claim.id}`);
      const held = await stores.heldBy(asker.accountId);
      expect(await textsOf(asker)).toEqual([...texts, ...own].toSorted());
      const ids = await Promise.all(mine.map(({ claim }) => idsIn(claim)));
      expect(ids.flat().toSorted()).toEqual(held.map(({ memory }) => memory.id).toSorted());
      expect(mine.map((job) => stored[jobs.indexOf(job)]?.memoriesStored)).toEqual(
        ids.map(({ length }) => length),
      );
      for (const table of ['memory_versions', 'audit_events'])
        expect(await countOf(table, 'account_id', asker.accountId)).toBe(held.length);
      const usage = await new PostgresUsageStore(stores.database).inThisPeriod(asker.accountId);
      expect(usage.spending.caller).toEqual({
        calls: 40,
        inputTokens: 40 * 120,
        outputTokens: 40 * 30,
      });
    }
  });

  it('stores nothing of writes that their attempts no longer own, and everything of the others', async () => {
    const asker = anAsker();
    const all = await claims(8, asker);
    const [, , cancelled, takenOver, given] = all;
    await stores.writes.lifecycle.cancel('write', [
      { id: cancelled!.id, accountId: asker.accountId },
    ]);
    await stores.reclaimed(takenOver!.id);
    const foreign = { ...given!, run: 2 };
    const jobs = all.map((claim) => ({
      claim: claim === given ? foreign : claim,
      result: found(`of ${claim.id}`),
    }));
    const lost = new Set([cancelled, takenOver, given]);
    expect(await complete(jobs)).toEqual(
      all.map((claim) => (lost.has(claim) ? undefined : { memoriesStored: 1 })),
    );
    const kept = all.filter((claim) => !lost.has(claim));
    expect(await textsOf(asker)).toEqual(kept.map(({ id }) => `of ${id}`).toSorted());
    for (const claim of lost) {
      expect(await countOf('turns', 'write_id', claim!.id)).toBe(0);
      expect((await stores.row(claim!.id))?.['state']).toBe(
        claim === cancelled ? 'cancelled' : 'running',
      );
    }
    const usage = await new PostgresUsageStore(stores.database).inThisPeriod(asker.accountId);
    expect(usage.spending.caller.calls).toBe(kept.length);
  });

  it('stores nothing of a write that is cancelled while its batch waits for the row', async () => {
    const asker = anAsker();
    const all = await claims(6, asker);
    const last = all.at(-1)!;
    const jobs = all.map((claim) => ({ claim, result: found(`of ${claim.id}`) }));
    let completing: Promise<readonly unknown[]> | undefined;
    await stores.database.inTransaction(async (statements) => {
      await statements.query(`select from writes where id = $1 for update`, [last.id]);
      completing = complete(jobs);
      const waiting = `select pg_stat_clear_snapshot(), pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(() => stores.database.query(waiting)).toHaveLength(1);
      await statements.query(
        `update writes set state = 'cancelled', request = null where id = $1`,
        [last.id],
      );
    });
    expect((await completing)?.at(-1)).toBeUndefined();
    expect(await textsOf(asker)).toEqual(
      all
        .slice(0, -1)
        .map(({ id }) => `of ${id}`)
        .toSorted(),
    );
  });

  it('stores a fact again whose memory has ended, in its own write and in the others of the batch', async () => {
    const asker = anAsker();
    const first = await stores.claimed({ asker });
    await stores.writes.complete(first, found('ended', 'current'));
    await stores.database.query(
      `update memories set valid_to = now() - interval '1 second' where write_id = $1 and text = 'ended'`,
      [first.id],
    );
    const all = await claims(6, asker);
    const texts = [[], [], ['ended', 'own'], ['current', 'ENDED'], ['third'], []];
    const outcomes = await complete(
      all.map((claim, index) => ({ claim, result: found(...texts[index]!) })),
    );
    expect(outcomes[4]).toEqual({ memoriesStored: 1 });
    // Of two writes with the same fact, either may be the first.
    const [own = 0, same = 0] = outcomes.slice(2, 4).map((outcome) => outcome?.memoriesStored);
    expect(own + same).toBe(2);
    const current = await stores.database.query<{ fact: string }>(
      `select lower(text) as fact from memories where account_id = $1 and current order by 1`,
      [asker.accountId],
    );
    expect(current.map(({ fact }) => fact)).toEqual(['current', 'ended', 'own', 'third']);
  });

  it('fails only the write that holds a value which Postgres refuses', async () => {
    const asker = anAsker();
    const all = await claims(7, asker);
    const refused = all[4]!;
    const jobs = all.map((claim) => {
      const request =
        claim === refused ? aMessagesWrite({ metadata: { 'a\0': 1 } }) : claim.request;
      return { claim: { ...claim, request }, result: found(`of ${claim.id}`) };
    });
    const outcomes = await complete(jobs);
    expect(outcomes[4]).toMatchObject({ name: 'StatementFailed', isValueRefused: true });
    expect(outcomes.filter((outcome) => outcome?.memoriesStored === 1)).toHaveLength(6);
    expect((await stores.row(refused.id))?.['state']).toBe('running');
    expect(await textsOf(asker)).not.toContain(`of ${refused.id}`);
  });

  it('gives every claim of one row an attempt of its own', async () => {
    const writes = await Promise.all(Array.from({ length: 5 }, () => stores.accepted()));
    const runs = [...writes, ...writes, ...writes].map(({ id }) => ({ id, run: 1 }));
    const claimed = await stores.writes.lifecycle.claim('write', [
      ...runs,
      { id: randomUUID(), run: 1 },
    ]);
    expect(claimed.at(-1)).toBeUndefined();
    for (const { id } of writes) {
      const attempts = claimed.flatMap((claim) => (claim?.id === id ? [claim.attempt] : []));
      expect(new Set(attempts)).toEqual(new Set([1, 2, 3]));
    }
  });
});
