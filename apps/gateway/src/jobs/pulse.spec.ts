import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Pulse } from './pulse.js';

describe('the pulse of a job', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is lost after fifteen seconds in which nothing was felt', () => {
    using pulse = new Pulse();
    vi.advanceTimersByTime(14_000);
    pulse.felt();
    vi.advanceTimersByTime(14_999);
    expect(pulse.lost.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(pulse.lost.aborted).toBe(true);
  });

  it('is not watched any more once the job has ended', () => {
    const pulse = new Pulse();
    pulse[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(pulse.lost.aborted).toBe(false);
  });
});
