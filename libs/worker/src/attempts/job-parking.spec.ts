import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { JobParking } from './job-parking.js';

/** The outcome of a parked job. */
type Outcome = 'parked' | 'started' | 'sent back';

let parking: JobParking;
const outcomes = new Map<string, Outcome>();

beforeEach(() => {
  vi.useFakeTimers();
  outcomes.clear();
  // Six places, of which one account may have four.
  parking = new JobParking(4);
});
afterEach(() => {
  parking.close();
  vi.useRealTimers();
});

function park(account: string, jobId: string, signal?: AbortSignal): void {
  outcomes.set(jobId, 'parked');
  void parking
    .park(account, jobId, signal)
    .then((place) => outcomes.set(jobId, place ? 'started' : 'sent back'));
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a job whose account is over its share', () => {
  let first: Disposable | undefined;

  beforeEach(() => {
    first = parking.tryEnter('a');
    for (let count = 1; count < 4; count += 1) parking.tryEnter('a');
  });

  it('gets no place', () => {
    expect(parking.tryEnter('a')).toBeUndefined();
  });

  it('starts when another job of its account has ended, in the order of arrival', async () => {
    park('a', '1');
    park('a', '2');
    first?.[Symbol.dispose]();
    await settled();
    expect([...outcomes.values()]).toEqual(['started', 'parked']);
  });

  it('goes back into the queue after a second at the latest', async () => {
    park('a', '1');
    await vi.advanceTimersByTimeAsync(900);
    expect([...outcomes.values()]).toEqual(['parked']);
    await vi.advanceTimersByTimeAsync(160);
    expect([...outcomes.values()]).toEqual(['sent back']);
  });

  it('goes back into the queue soon when parked jobs fill the worker', async () => {
    for (const jobId of ['1', '2']) park('a', jobId);
    await vi.advanceTimersByTimeAsync(60);
    expect([...outcomes.values()]).toEqual(['sent back', 'parked']);
  });

  it('goes back into the queue at once when a job of another account was found behind it', async () => {
    park('a', '1');
    expect(parking.tryEnter('b')).toBeDefined();
    await settled();
    expect([...outcomes.values()]).toEqual(['sent back']);
  });

  it('starts when it is cancelled, so that it ends', async () => {
    park('a', '1');
    park('a', '2');
    parking.startAnyway('2');
    await settled();
    expect([...outcomes.values()]).toEqual(['parked', 'started']);
  });

  it('goes back into the queue when its lock is lost, without taking a place', async () => {
    const lock = new AbortController();
    park('a', '1', lock.signal);
    lock.abort();
    first?.[Symbol.dispose]();
    await settled();
    expect(outcomes.get('1')).toBe('sent back');
    expect(parking.tryEnter('a')).toBeDefined();
  });

  it('goes back into the queue at shutdown, also when it arrives later', async () => {
    park('a', '1');
    parking.close();
    park('a', '2');
    await settled();
    expect([...outcomes.values()]).toEqual(['sent back', 'sent back']);
  });
});
