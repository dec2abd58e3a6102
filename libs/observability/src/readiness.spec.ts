import { describe, expect, it, vi } from 'vitest';

import { type FoundSettings, HealthChecks } from './readiness.js';

const up = (): Promise<boolean> => Promise.resolve(true);
const wrong: FoundSettings = { state: 'wrong', faults: ['save must be ""'] };

describe('health', () => {
  it('names the servers that are down, fail or do not answer', async () => {
    vi.useFakeTimers();
    const health = new HealthChecks({
      postgres: up,
      queue: () => Promise.resolve(false),
      broken: () => Promise.reject(new Error('x')),
      silent: () => new Promise(() => undefined),
    });
    const readiness = health.readiness();
    await vi.runAllTimersAsync();
    expect(await readiness).toEqual({
      status: 'unavailable',
      checks: { postgres: 'ok', queue: 'down', broken: 'down', silent: 'down' },
    });
    vi.useRealTimers();
  });

  it('is ready with wrong settings, and reports them', async () => {
    const health = new HealthChecks({ queue: up }, { queue: () => Promise.resolve(wrong) });
    expect(await health.readiness()).toEqual({
      status: 'ok',
      checks: { queue: 'ok' },
      settings: { queue: 'wrong' },
    });
  });

  it('keeps settings for a minute, and asks again when a server did not show them', async () => {
    const check = vi
      .fn<() => Promise<FoundSettings>>()
      .mockRejectedValueOnce(new Error('x'))
      .mockResolvedValue(wrong);
    const health = new HealthChecks({}, { queue: check });
    const seen = [];
    for (let time = 0; time < 3; time += 1) seen.push((await health.readiness()).settings);
    expect(seen).toEqual([{ queue: 'unknown' }, { queue: 'wrong' }, { queue: 'wrong' }]);
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is not ready once it stops, and runs no check', async () => {
    const check = vi.fn(up);
    const health = new HealthChecks({ queue: check });
    health.stop();
    expect(await health.readiness()).toEqual({
      status: 'unavailable',
      checks: { process: 'stopping' },
    });
    expect(check).not.toHaveBeenCalled();
  });
});
