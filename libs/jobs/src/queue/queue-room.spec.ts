import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { QUEUE_DEPTH_MAX_AGE_MS, QUEUE_DEPTH_USABLE_MS } from '../policy.js';
import { QueueRoom } from './queue-room.js';

const QUEUE = { queue: 'extraction' } as const;
const FULL = { code: 'unavailable' };

/** A queue whose measurements the test resolves by hand. */
function makeRoom(maxDepth: number) {
  const measured: PromiseWithResolvers<Record<string, number>>[] = [];
  const queue = {
    name: QUEUE.queue,
    getJobCounts: () => {
      const counts = Promise.withResolvers<Record<string, number>>();
      measured.push(counts);
      return counts.promise;
    },
  } as unknown as Queue;
  const room = new QueueRoom([queue], maxDepth);
  /** A room whose first measurement found this depth. */
  const withDepth = async (depth: number) => {
    const first = room.take(QUEUE, 0);
    measured[0]!.resolve({ wait: depth });
    await first;
  };
  return { room, measured, withDepth };
}

describe('the room of a queue', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('is measured before the first job is admitted', async () => {
    const { room, measured } = makeRoom(3);
    const first = room.take(QUEUE);
    measured[0]!.resolve({ wait: 1, active: 2 });
    await expect(first).rejects.toMatchObject(FULL);
  });

  it('is measured again in the background, while jobs are admitted by the last depth', async () => {
    const { room, measured, withDepth } = makeRoom(3);
    await withDepth(1);
    vi.advanceTimersByTime(QUEUE_DEPTH_MAX_AGE_MS);
    const waited = nextTurn().then(() => {
      throw new Error('The call waited for the measurement.');
    });
    await Promise.race([room.take(QUEUE), waited]);
    await expect(waited).rejects.toThrow('waited');
    expect(measured).toHaveLength(2);
    measured[1]!.resolve({ wait: 2 });
    await vi.waitFor(() => expect(room.take(QUEUE, 1)).rejects.toMatchObject(FULL));
  });

  it('waits for a new measurement before it refuses by an old depth', async () => {
    const { room, measured, withDepth } = makeRoom(3);
    await withDepth(3);
    vi.advanceTimersByTime(QUEUE_DEPTH_MAX_AGE_MS);
    const admitted = room.take(QUEUE);
    measured[1]!.resolve({ wait: 0 });
    await expect(admitted).resolves.toBeUndefined();
  });

  it('waits for a new measurement when the last one is too old to admit by', async () => {
    const { room, measured, withDepth } = makeRoom(3);
    await withDepth(0);
    vi.advanceTimersByTime(QUEUE_DEPTH_USABLE_MS);
    const refused = room.take(QUEUE);
    measured[1]!.resolve({ wait: 3 });
    await expect(refused).rejects.toMatchObject(FULL);
  });

  it('still counts the jobs that were admitted during a measurement', async () => {
    const { room, measured, withDepth } = makeRoom(5);
    await withDepth(0);
    vi.advanceTimersByTime(QUEUE_DEPTH_MAX_AGE_MS);
    await room.take(QUEUE, 4);
    measured[1]!.resolve({ wait: 0 });
    // Two jobs do not fit by the old depth either, so this call waits for the measurement.
    await expect(room.take(QUEUE, 2)).rejects.toMatchObject(FULL);
    await room.take(QUEUE, 1);
  });
});
