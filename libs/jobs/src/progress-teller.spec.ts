import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HEARTBEAT_MS, ProgressTeller } from './progress-teller.js';
import { type Progress, ReplyOutbox } from './reply.js';

/** Takes its time for each message. */
class SlowOutbox extends ReplyOutbox {
  readonly told: Progress[] = [];
  constructor(private readonly tellingMs: number) {
    super();
  }
  override send = () => Promise.resolve();
  override onCancel = () => undefined;
  override tell = (_address: string, progress: Progress): Promise<void> => {
    this.told.push(progress);
    return new Promise((resolve) => setTimeout(resolve, this.tellingMs));
  };
}
const JOB = { address: 'replies:1', jobId: 'q.1' };
const beat = { kind: 'heartbeat', jobId: 'q.1' };

describe('a job tells its progress', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('from its first moment, and every five seconds until it ends', async () => {
    const outbox = new SlowOutbox(1);
    {
      await using _teller = new ProgressTeller({ outbox, ...JOB });
      await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS + 1);
      expect(outbox.told).toEqual([beat, beat, beat]);
    }
    await vi.advanceTimersByTimeAsync(3 * HEARTBEAT_MS);
    expect(outbox.told).toHaveLength(3);
  });

  it('in its order, pieces that came meanwhile in one', async () => {
    const outbox = new SlowOutbox(100);
    const teller = new ProgressTeller({ outbox, ...JOB });
    teller.retrieved({ searched: 2 });
    for (const text of ['In ', 'Lis']) teller.piece(text);
    await vi.advanceTimersByTimeAsync(250);
    for (const text of ['bon', '.']) teller.piece(text);
    await vi.advanceTimersByTimeAsync(100);
    expect(outbox.told).toEqual([
      beat,
      { kind: 'retrieval', jobId: 'q.1', retrieval: { searched: 2 } },
      { kind: 'delta', jobId: 'q.1', at: 0, text: 'In Lis' },
      { kind: 'delta', jobId: 'q.1', at: 1, text: 'bon.' },
    ]);
    const ended = teller[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(100);
    await ended;
  });

  it('to nobody where nobody waits', async () => {
    const outbox = new SlowOutbox(1);
    await using teller = new ProgressTeller({ outbox, jobId: 'q.1', address: undefined });
    teller.piece('In Lisbon.');
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(outbox.told).toEqual([]);
  });

  it('without waiting for a queue that is gone', async () => {
    const outbox = new SlowOutbox(3_600_000);
    const teller = new ProgressTeller({ outbox, ...JOB });
    let ended = false;
    void teller[Symbol.asyncDispose]().then(() => (ended = true));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toBe(true);
  });
});
