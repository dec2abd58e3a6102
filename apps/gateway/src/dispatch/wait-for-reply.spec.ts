import type { ExpectedReply } from '@app/jobs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HeartbeatTimeout, waitForReply } from './wait-for-reply.js';

const WAIT_MS = 12_000;
const hasEnded = (): Promise<boolean> => Promise.resolve(true);
const hasNotEnded = (): Promise<boolean> => Promise.resolve(false);
const connected = new AbortController().signal;

/** A job whose reply never arrives; `waits` are the timeouts that it was awaited with. */
function jobWithoutReply() {
  const waits: number[] = [];
  const expected: ExpectedReply = {
    reply: (timeoutMs) => {
      waits.push(timeoutMs);
      return Promise.resolve(undefined);
    },
    [Symbol.dispose]: () => undefined,
  };
  return { waits, expected };
}

describe('waitForReply', () => {
  it('returns as soon as the reply arrives, without reading the row', async () => {
    const expected: ExpectedReply = {
      reply: () => Promise.resolve({ kind: 'settled', jobId: 'mine' }),
      [Symbol.dispose]: () => undefined,
    };
    const readRow = vi.fn(hasNotEnded);
    const inbox = { hasGivenUp: false };
    expect(await waitForReply({ inbox, expected, hasEnded: readRow }, WAIT_MS, connected)).toBe(
      true,
    );
    expect(readRow).not.toHaveBeenCalled();
  });

  it('polls the row, so a lost reply does not block the caller until the timeout', async () => {
    const { waits, expected } = jobWithoutReply();
    const inbox = { hasGivenUp: false };
    expect(await waitForReply({ inbox, expected, hasEnded }, WAIT_MS, connected)).toBe(true);
    expect(waits).toEqual([5_000]);
  });

  it('waits no longer than the caller asked for', async () => {
    const { waits, expected } = jobWithoutReply();
    const inbox = { hasGivenUp: false };
    const awaited = { inbox, expected, hasEnded: hasNotEnded };
    expect(await waitForReply(awaited, WAIT_MS, connected)).toBe(false);
    expect(waits).toEqual([5_000, 5_000, 2_000]);
  });

  it.each([
    ['the caller disconnects', false, AbortSignal.abort()],
    ['the gateway shuts down', true, connected],
  ])('stops waiting when %s', async (_why, hasGivenUp, gone) => {
    const { waits, expected } = jobWithoutReply();
    const awaited = { inbox: { hasGivenUp }, expected, hasEnded: hasNotEnded };
    expect(await waitForReply(awaited, WAIT_MS, gone)).toBe(false);
    expect(waits).toHaveLength(1);
  });
});

describe('HeartbeatTimeout', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('aborts fifteen seconds after the last heartbeat', () => {
    using timeout = new HeartbeatTimeout();
    vi.advanceTimersByTime(14_000);
    timeout.restart();
    vi.advanceTimersByTime(14_999);
    expect(timeout.lost.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(timeout.lost.aborted).toBe(true);
  });

  it('does not abort after it was disposed', () => {
    const timeout = new HeartbeatTimeout();
    timeout[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(timeout.lost.aborted).toBe(false);
  });
});
