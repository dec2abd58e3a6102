import { HEARTBEAT_MS, type Progress, ReplyOutbox } from '@app/jobs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ProgressSender } from './progress-sender.js';

/** An outbox that needs some time for each message. */
class SlowOutbox extends ReplyOutbox {
  readonly sent: Progress[] = [];
  constructor(private readonly sendingMs: number) {
    super();
  }
  override send = () => Promise.resolve();
  override onCancel = () => undefined;
  override sendProgress = (_address: string, progress: Progress): Promise<void> => {
    this.sent.push(progress);
    return new Promise((resolve) => setTimeout(resolve, this.sendingMs));
  };
}
const JOB = { address: 'replies:1', jobId: 'q.1' };
const beat = { kind: 'heartbeat', jobId: 'q.1' };

describe('ProgressSender', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('sends a heartbeat at once and every five seconds until the job ends', async () => {
    const outbox = new SlowOutbox(1);
    {
      await using _sender = new ProgressSender({ outbox, ...JOB });
      await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS + 1);
      expect(outbox.sent).toEqual([beat, beat, beat]);
    }
    await vi.advanceTimersByTimeAsync(3 * HEARTBEAT_MS);
    expect(outbox.sent).toHaveLength(3);
  });

  it('keeps the order, and coalesces deltas that arrive while one is being sent', async () => {
    const outbox = new SlowOutbox(100);
    const sender = new ProgressSender({ outbox, ...JOB });
    sender.retrieved({ searched: 2 });
    for (const text of ['In ', 'Lis']) sender.piece(text);
    await vi.advanceTimersByTimeAsync(250);
    for (const text of ['bon', '.']) sender.piece(text);
    await vi.advanceTimersByTimeAsync(100);
    expect(outbox.sent).toEqual([
      beat,
      { kind: 'retrieval', jobId: 'q.1', retrieval: { searched: 2 } },
      { kind: 'delta', jobId: 'q.1', at: 0, text: 'In Lis' },
      { kind: 'delta', jobId: 'q.1', at: 1, text: 'bon.' },
    ]);
    const ended = sender[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(100);
    await ended;
  });

  it('sends nothing when no gateway waits', async () => {
    const outbox = new SlowOutbox(1);
    await using sender = new ProgressSender({ outbox, jobId: 'q.1', address: undefined });
    sender.piece('In Lisbon.');
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(outbox.sent).toEqual([]);
  });

  it('does not wait for a queue that is down', async () => {
    const outbox = new SlowOutbox(3_600_000);
    const sender = new ProgressSender({ outbox, ...JOB });
    let ended = false;
    void sender[Symbol.asyncDispose]().then(() => (ended = true));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toBe(true);
  });
});
