import { createSecretKey } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type SealingContext, SealingContexts } from './sealing-contexts.js';

let begun: WeakRef<SealingContext>[];
let contexts: SealingContexts;

beforeEach(() => {
  vi.useFakeTimers();
  begun = [];
  contexts = new SealingContexts(() => {
    const context = { ephemeral: `${begun.length}`, key: createSecretKey(Buffer.alloc(32)) };
    // The key, because a context is copied.
    begun.push(new WeakRef(context.key as never));
    return context;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const sealers = (count: number): readonly string[] =>
  Array.from({ length: count }, () => contexts.current().ephemeral);

/** What is still reachable after a garbage collection. */
async function reachable(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // A WeakRef keeps its value until the end of the task that made it.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return begun.filter((one) => one.deref() !== undefined).length;
}

describe('a sealing context', () => {
  it('seals for a second', () => {
    expect(new Set(sealers(3))).toEqual(new Set(['0']));
    vi.advanceTimersByTime(999);
    expect(sealers(1)).toEqual(['0']);
    vi.advanceTimersByTime(1);
    expect(sealers(1)).toEqual(['1']);
  });

  it('seals no longer than a second when its timer is late', () => {
    sealers(1);
    const late = performance.now() + 1_000;
    vi.spyOn(performance, 'now').mockReturnValue(late);
    expect(sealers(1)).toEqual(['1']);
    vi.restoreAllMocks();
  });

  it('seals 10,000 envelopes at most, and the next one has its whole second', () => {
    const first = sealers(10_000);
    vi.advanceTimersByTime(600);
    expect([new Set(first), sealers(1)]).toEqual([new Set(['0']), ['1']]);
    vi.advanceTimersByTime(600);
    expect(sealers(1)).toEqual(['1']);
  });

  it('leaves nothing that refers to its key after its second, without another envelope', async () => {
    vi.useRealTimers();
    sealers(1);
    expect(await reachable()).toBe(1);
    await expect.poll(reachable, { timeout: 5_000 }).toBe(0);
  });
});
