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

  it('keeps a reply that arrives before it is awaited', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using expected = waiters.expect('fast');
    waiters.deliver(settled('fast'));
    expect(await expected.reply(1)).toEqual(settled('fast'));
  });

  it('looks for the copy of a missed reply before its timeout', async () => {
    const waiters: Waiters = new Waiters(async ([jobId = '']) => waiters.deliver(settled(jobId)));
    using expected = waiters.expect('missed');
    expect(await expected.reply(100)).toEqual(settled('missed'));
  });

  it('ends when its signal is aborted', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using expected = waiters.expect('left');
    expect(await expected.reply(60_000, AbortSignal.abort())).toBeUndefined();
  });

  it('receives the progress of its own job and goes on', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    const heard: Progress[] = [];
    using expected = waiters.expect('mine', (progress) => heard.push(progress));
    const piece = { kind: 'delta', jobId: 'mine', at: 0, text: 'In Lisbon' } as const;
    for (const jobId of ['mine', 'other']) waiters.deliver({ kind: 'heartbeat', jobId });
    waiters.deliver(piece);
    expect(await expected.reply(1)).toBeUndefined();
    expect(heard).toEqual([{ kind: 'heartbeat', jobId: 'mine' }, piece]);
  });

  it('is removed when it is disposed', () => {
    const waiters = new Waiters(() => Promise.resolve());
    {
      using _expected = waiters.expect('done');
      expect(waiters.jobIds).toEqual(['done']);
    }
    expect(waiters.jobIds).toEqual([]);
  });
});

describe('waiting in a process that shuts down', () => {
  it('ends at once, and so does every later wait', async () => {
    const waiters = new Waiters(() => Promise.resolve());
    using early = waiters.expect('early');
    const waiting = early.reply(60_000);
    waiters.giveUp();
    expect(await waiting).toBeUndefined();
    using late = waiters.expect('late');
    expect(await late.reply(60_000)).toBeUndefined();
  });
});
