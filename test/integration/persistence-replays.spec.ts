import { createHash, randomBytes, randomUUID } from 'node:crypto';

import type { KeyedCall, ReservedWrite } from '@app/memory';
import { aNewWrite } from '@app/memory/testing';
import { PostgresReplayStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { SingleWrites } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let replays: PostgresReplayStore;

beforeAll(async () => {
  connected = await connectedDatabase();
  replays = new PostgresReplayStore(connected.database);
});

afterAll(() => connected.close());

const aCall = (given: Partial<KeyedCall> = {}): KeyedCall => ({
  accountId: randomUUID(),
  route: 'POST /agent/memories',
  keyHash: createHash('sha256').update(randomUUID()).digest(),
  fingerprint: randomBytes(32),
  ...given,
});
const reserve = (): ReservedWrite => ({ writeId: randomUUID(), waitMs: 1_000 });

async function held(call: KeyedCall) {
  const begun = await replays.begin(call, reserve());
  if (!('hold' in begun)) throw new Error('Somebody else has the hold');
  return begun.hold;
}

async function found(call: KeyedCall) {
  const begun = await replays.begin(call, reserve());
  if (!('first' in begun)) throw new Error('There was no first call');
  return begun.first;
}

describe('the first call under a key', () => {
  it('is one of any number of concurrent calls', async () => {
    const call = aCall();
    const begun = await Promise.all(
      Array.from({ length: 20 }, () => replays.begin(call, reserve())),
    );
    expect(begun.filter((one) => 'hold' in one)).toHaveLength(1);
  });

  it('is found with its age and its reserved ids', async () => {
    const call = aCall();
    const reserved = reserve();
    await replays.begin(call, reserved);
    const first = await found({ ...call, fingerprint: randomBytes(32) });
    expect(first).toMatchObject({ state: 'running', reserved, answer: null });
    expect(first.fingerprint).toEqual(call.fingerprint);
    expect(first.ageMs).toBeLessThan(60_000);
  });

  it.each(['accountId', 'route', 'keyHash'] as const)('of another %s is separate', async (part) => {
    const call = aCall();
    await held(call);
    const other = { ...call, [part]: part === 'route' ? 'POST /other' : aCall()[part] };
    expect(await replays.begin(other, reserve())).toHaveProperty('hold');
  });

  it('is kept with its answer, which never changes', async () => {
    const call = aCall();
    const hold = await held(call);
    const failure = { code: 'invalid_request', detail: 'a\0b \ud800', faults: [] } as const;
    await replays.keep(hold, { kind: 'failure', failure });
    await replays.keep(hold, { kind: 'accepted', jobId: 'other' });
    await replays.release(hold);
    const first = await found(call);
    expect(first).toMatchObject({ state: 'kept', answer: { kind: 'failure' } });
    expect(await replays.takeOver(call, first, reserve())).toBeUndefined();
  });

  it('is taken over by one caller, and then no longer owned by the first', async () => {
    const call = aCall();
    const hold = await held(call);
    const first = await found(call);
    // A turn of the clock: a hold is known by when it began.
    await connected.database.query('select pg_sleep(0.002)');
    const taken = await Promise.all(
      Array.from({ length: 10 }, () => replays.takeOver(call, first, reserve())),
    );
    const winners = taken.filter((one) => one !== undefined);
    expect(winners).toHaveLength(1);
    await replays.keep(hold, { kind: 'accepted', jobId: 'stale' });
    await replays.release(hold);
    expect(await found(call)).toMatchObject({ state: 'running', answer: null });
    await replays.keep(winners[0] ?? hold, { kind: 'accepted', jobId: 'fresh' });
    expect(await found(call)).toMatchObject({ answer: { jobId: 'fresh' } });
  });

  it('expires after a day, and is deleted in batches', async () => {
    const calls = [aCall(), aCall(), aCall(), aCall()];
    for (const call of calls) await held(call);
    const old = calls.slice(0, 3).map(({ keyHash }) => keyHash);
    await connected.database.query(
      `update idempotency_records set created_at = now() - interval '24 hours 1 second' where key_hash = any($1)`,
      [old],
    );
    expect(await replays.begin(calls[0] ?? aCall(), reserve())).toHaveProperty('hold');
    expect(await replays.deleteExpired(1)).toBe(1);
    expect(await replays.deleteExpired(10)).toBe(1);
    expect(await replays.deleteExpired(10)).toBe(0);
    expect(await replays.begin(calls[3] ?? aCall(), reserve())).toHaveProperty('first');
  });
});

it('the store knows which of some writes this account has made', async () => {
  const [one, other] = [aNewWrite(), aNewWrite()];
  await new SingleWrites(connected.database).accept([one, other]);
  const ids = [one.id, other.id, randomUUID()];
  expect(await replays.findWrites(one.asker.accountId, ids)).toEqual(new Set([one.id]));
});
