import { createSecretKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { OpenedContexts } from './opened-contexts.js';

const key = createSecretKey(Buffer.alloc(32));
let contexts: OpenedContexts;

beforeEach(() => {
  vi.useFakeTimers();
  contexts = new OpenedContexts();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the contexts that a worker keeps', () => {
  it('are at most 1,000, and those used last stay', () => {
    for (let at = 0; at < 1_000; at += 1) contexts.keep(`${at}`, key);
    expect(contexts.find('0')).toBe(key);
    contexts.keep('another', key);
    expect(contexts.size).toBe(1_000);
    expect([contexts.find('0'), contexts.find('1')]).toEqual([key, undefined]);
  });

  it('are used for a minute, however often, even if they are not dropped yet', () => {
    contexts.keep('another', key);
    vi.advanceTimersByTime(30_000);
    contexts.keep('one', key);
    vi.advanceTimersByTime(59_999);
    expect(contexts.find('one')).toBe(key);
    vi.advanceTimersByTime(1);
    expect([contexts.find('one'), contexts.size]).toEqual([undefined, 1]);
  });

  it('are dropped in the following minute, and no timer is left', () => {
    contexts.keep('one', key);
    vi.advanceTimersByTime(30_000);
    contexts.keep('two', key);
    vi.advanceTimersByTime(30_000);
    expect(contexts.size).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect([contexts.size, vi.getTimerCount()]).toEqual([0, 0]);
    contexts.keep('three', key);
    vi.advanceTimersByTime(60_000);
    expect(contexts.size).toBe(0);
  });
});
