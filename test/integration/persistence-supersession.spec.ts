import type { Asker, Classification, Comparison, WriteClaim } from '@app/memory';
import { aContentWrite, aFact, aMessagesWrite, aPolicy, extracted } from '@app/memory/testing';
import { PostgresSupersessionStore } from '@app/persistence';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;
let supersession: PostgresSupersessionStore;

beforeAll(async () => {
  stores = await writeStores();
  supersession = new PostgresSupersessionStore(stores.database);
});
afterAll(() => stores.close());

/** A fact that stands, and its id. */
async function standing(who: Asker, content: string, validFrom: Date | null = null) {
  const request = aContentWrite({ content, validFrom });
  const write = { id: randomUUID(), asker: who, request, requestId: 'r', writesPerMonth: null };
  return (await stores.writes.remember(write)).memoryId;
}

const superseding = (
  ...candidates: readonly (Partial<Classification> & { readonly memoryId: string })[]
): Comparison => ({
  model: 'haiku',
  category: 'location',
  classifications: candidates.map((given) => ({
    validFrom: new Date('2021-01-01T00:00:00Z'),
    verdict: 'supersedes',
    confidence: 0.9,
    reasoning: 'Another city.',
    ...given,
  })),
});

const claimed = (who: Asker) =>
  stores.claimed({ asker: who, request: aMessagesWrite({ supersession: aPolicy() }) });

const complete = (claim: WriteClaim, ...found: readonly [string, Comparison][]) =>
  stores.writes.complete(
    claim,
    extracted(
      found.map(([text]) => aFact({ text })),
      { comparisons: found.map(([, comparison]) => comparison) },
    ),
  );

const outcomesOf = async (claim: WriteClaim) => (await stores.jobOf(claim)).result?.autoSupersede;

const held = async ({ accountId }: Asker): Promise<readonly string[]> =>
  (await stores.heldBy(accountId)).map(({ memory }) => memory.text).toSorted();

describe('a verdict above the floor', () => {
  it('ends the old memory and begins the new one at the same moment', async () => {
    const who = asker();
    const old = await standing(who, 'Lisbon');
    const claim = await claimed(who);
    await complete(claim, ['Rome', superseding({ memoryId: old })]);
    const [outcome] = (await outcomesOf(claim)) ?? [];
    expect(outcome).toMatchObject({ ran: true, supersession: { reason: 'applied' } });
    expect(await held(who)).toEqual(['Rome']);
    const versions = await stores.database.query<Record<string, unknown>>(
      `select memory_id, superseded_by, believed_from, believed_to, valid_to from memory_versions
        where account_id = $1 order by believed_from, valid_to nulls first`,
      [who.accountId],
    );
    const [first, ...changed] = versions;
    expect(first).toMatchObject({ memory_id: old, superseded_by: null, valid_to: null });
    expect(changed).toHaveLength(2);
    for (const version of changed) expect(version['believed_from']).toEqual(first?.['believed_to']);
  });

  it('is applied by one of two concurrent writes; the fact of the other is stored beside it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const who = asker();
      const old = await standing(who, 'Lisbon');
      const claims = await Promise.all([claimed(who), claimed(who)]);
      const stored = await Promise.all(
        claims.map((claim, at) => complete(claim, [`City ${at}`, superseding({ memoryId: old })])),
      );
      expect(stored).toEqual([true, true]);
      expect(await held(who)).toEqual(['City 0', 'City 1']);
      const reasons = await Promise.all(
        claims.map(async (claim) => (await outcomesOf(claim))?.[0]?.supersession?.reason),
      );
      expect(new Set(reasons)).toEqual(new Set(['applied', 'no_longer_current']));
    }
  });

  it('never deadlocks two writes that compare with the same memories in different orders', async () => {
    const who = asker();
    const old = await Promise.all(Array.from({ length: 12 }, (_, n) => standing(who, `old ${n}`)));
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimed(who)));
    const stored = await Promise.all(
      claims.map((claim, at) => {
        const order = at % 2 === 0 ? old : old.toReversed();
        return complete(
          claim,
          ...order.map((memoryId, n): [string, Comparison] => [
            `new ${at} ${n}`,
            superseding({ memoryId }, { memoryId: order[(n + 5) % 12] ?? '', verdict: 'refines' }),
          ]),
        );
      }),
    );
    expect(stored).toEqual(claims.map(() => true));
    const ended = await stores.database.query(
      'select id from memories where account_id = $1 and not current',
      [who.accountId],
    );
    expect(ended).toHaveLength(12);
  });

  it('is ignored when a caller ended the memory while the model ran', async () => {
    const who = asker();
    const old = await standing(who, 'Lisbon');
    const claim = await claimed(who);
    const other = await claimed(who);
    await complete(other, ['Rome', superseding({ memoryId: old })]);
    await complete(claim, ['Oslo', superseding({ memoryId: old })]);
    expect((await outcomesOf(claim))?.[0]).toMatchObject({
      supersession: { candidateId: old, reason: 'no_longer_current' },
    });
    expect(await held(who)).toEqual(['Oslo', 'Rome']);
  });

  it('is ignored when the memory was erased or is of another account, and the write is stored', async () => {
    const who = asker();
    const erased = await standing(who, 'Lisbon');
    await stores.database.query('delete from memories where id = $1', [erased]);
    const foreign = await standing(asker(), 'Paris');
    const claim = await claimed(who);
    await complete(
      claim,
      ['Rome', superseding({ memoryId: erased })],
      ['Oslo', superseding({ memoryId: foreign })],
    );
    expect(await held(who)).toEqual(['Oslo', 'Rome']);
    for (const outcome of (await outcomesOf(claim)) ?? [])
      expect(outcome.supersession).toMatchObject({ reason: 'no_longer_current' });
    const [row] = await stores.database.query('select valid_to from memories where id = $1', [
      foreign,
    ]);
    expect(row).toEqual({ valid_to: null });
    expect(
      await supersession.findReasoning(
        who.accountId,
        ((await outcomesOf(claim)) ?? []).map(({ memoryId }) => memoryId),
      ),
    ).toEqual([]);
  });

  it('is ignored for a duplicate', async () => {
    const who = asker();
    const old = await standing(who, 'Lisbon');
    await standing(who, 'Rome');
    const claim = await claimed(who);
    await complete(claim, ['rome', superseding({ memoryId: old })]);
    expect(await outcomesOf(claim)).toEqual([]);
    expect(await held(who)).toEqual(['Lisbon', 'Rome']);
  });

  it('is stored with its words beside both memories, in a form that Postgres accepts', async () => {
    const who = asker();
    const old = await standing(who, 'Lisbon');
    const claim = await claimed(who);
    const other = superseding({ memoryId: old, reasoning: 'A\0 city \ud800.' });
    await complete(claim, ['Rome', other]);
    const [outcome] = (await outcomesOf(claim)) ?? [];
    const memoryId = outcome?.memoryId ?? '';
    expect(await supersession.findReasoning(who.accountId, [memoryId])).toEqual([
      { memoryId, candidateId: old, reasoning: 'A city \ufffd.' },
    ]);
    expect(await supersession.findReasoning(randomUUID(), [memoryId])).toEqual([]);
  });
});

describe('the stored duplicate of a fact', () => {
  it('is found by its hash, within account, tenant and source', async () => {
    const who = asker();
    await standing(who, 'Ana  lives in LISBON.');
    const place = { accountId: who.accountId, tenantId: null, source: 'agent' };
    const texts = ['Ana sings.', 'ana lives in lisbon.', 'Ana lives in Rome.'];
    expect(await supersession.findDuplicates(place, texts)).toEqual(new Set([1]));
    for (const elsewhere of [{ tenantId: 'blue' }, { source: 'crm' }, { accountId: randomUUID() }])
      expect(await supersession.findDuplicates({ ...place, ...elsewhere }, texts)).toEqual(
        new Set(),
      );
  });
});

it('a result stored before outcomes were kept can still be read', async () => {
  const who = asker();
  for (const [asked, reason] of [
    [true, 'classifier_unavailable'],
    [false, 'disabled'],
  ] as const) {
    const claim = await claimed(who);
    await complete(claim, [`fact ${asked}`, { skipped: 'disabled' }]);
    await stores.database.query(
      `update writes set result = jsonb_set(result, '{autoSupersede}', $2::jsonb) where id = $1`,
      [claim.id, JSON.stringify(asked)],
    );
    expect(await outcomesOf(claim)).toMatchObject([{ ran: false, skippedReason: reason }]);
  }
});
