import type { WriteClaim } from '@app/memory';
import { aFact, extracted } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { perFile } from '../support/per-file.js';
import { writeStores } from '../support/write-stores.js';

const stores = await perFile(writeStores());

const found = (text: string) => extracted([aFact({ text })]);

/** What a crash of Postgres leaves of a claim that was not on disk. */
const forget = (claim: WriteClaim) =>
  stores.database.query(
    `update writes set state = 'queued', attempt = 0, started_at = null where id = $1`,
    [claim.id],
  );

describe('a claim that a crash of Postgres has forgotten', () => {
  it('is still the attempt that stores the result', async () => {
    const claim = await stores.claimed();
    await forget(claim);
    expect(await stores.writes.complete(claim, found('kept'))).toBe(true);
    const row = await stores.row(claim.id);
    expect(row).toMatchObject({ state: 'succeeded', attempt: 1, started_at: row?.['finished_at'] });
  });

  it('lets one of two attempts with the same number end the write', async () => {
    const first = await stores.claimed();
    await forget(first);
    const second = await stores.reclaimed(first.id);
    expect(second.attempt).toBe(first.attempt);
    const ended = await Promise.all([
      stores.writes.complete(first, found('of the first')),
      stores.writes.complete(second, found('of the second')),
    ]);
    expect(ended).toEqual([true, false]);
    const held = await stores.heldBy(first.asker.accountId);
    expect(held.map(({ memory }) => memory.text)).toEqual(['of the first']);
    expect(await stores.writes.fail(second, { code: 'internal', detail: 'Late.' })).toBe(false);
  });

  it('may be handed back or failed', async () => {
    const claims = [await stores.claimed(), await stores.claimed()] as const;
    for (const claim of claims) await forget(claim);
    expect(await stores.writes.handBack(claims[0])).toBe(true);
    expect(await stores.writes.fail(claims[1], { code: 'internal', detail: 'No.' })).toBe(true);
  });
});
