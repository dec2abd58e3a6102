import { describe, expect, it } from 'vitest';

import type { Progress } from './reply.js';
import { Waiters } from './waiters.js';

const settled = (jobId: string) => ({ kind: 'settled', jobId }) as const;

describe('waiting for a reply', () => {
  it('ends with the reply of its own job', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using mine = waiters.expect('mine');
    using other = waiters.expect('other');
    waiters.deliver(settled('mine'));
    expect(await mine.reply(1_000)).toEqual(settled('mine'));
    expect(await other.reply(1)).toBeUndefined();
  });

  it('keeps a reply that came before anybody awaited it', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using expected = waiters.expect('fast');
    waiters.deliver(settled('fast'));
    expect(await expected.reply(1)).toEqual(settled('fast'));
  });

  it('looks for a missed copy before it gives up', async () => {
    const waiters: Waiters = new Waiters(async ([jobId = '']) => waiters.deliver(settled(jobId)));
    using expected = waiters.expect('missed');
    expect(await expected.reply(100)).toEqual(settled('missed'));
  });

  it('ends when its caller goes away', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using expected = waiters.expect('left');
    expect(await expected.reply(60_000, AbortSignal.abort())).toBeUndefined();
  });

  it('hears how far its own job has come, which ends nothing', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    const heard: Progress[] = [];
    using expected = waiters.expect('mine', (progress) => heard.push(progress));
    const piece = { kind: 'delta', jobId: 'mine', at: 0, text: 'In Lisbon' } as const;
    for (const jobId of ['mine', 'other']) waiters.deliver({ kind: 'heartbeat', jobId });
    waiters.deliver(piece);
    expect(await expected.reply(1)).toBeUndefined();
    expect(heard).toEqual([{ kind: 'heartbeat', jobId: 'mine' }, piece]);
  });

  it('forgets who stopped waiting', () => {
    const waiters = new Waiters(() => Promise.resolve());
    {
      using _expected = waiters.expect('done');
      expect(waiters.jobIds).toEqual(['done']);
    }
    expect(waiters.jobIds).toEqual([]);
  });
});

describe('who waits in a process that is about to end', () => {
  it('waits no longer, nor does anybody who comes later', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using early = waiters.expect('early');
    const waiting = early.reply(60_000);
    waiters.giveUp();
    expect(await waiting).toBeUndefined();
    using late = waiters.expect('late');
    expect(await late.reply(60_000)).toBeUndefined();
  });
});
