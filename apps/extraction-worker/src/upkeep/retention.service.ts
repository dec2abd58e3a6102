import { JobLifecycle, type JobKind, ReplayStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

const BATCH = 500;
/** What a busy hour left behind goes in several rounds: other statements want the table too. */
const MOST_BATCHES = 20;

/** Deletes what was promised to be gone by now. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly lifecycle: JobLifecycle,
    private readonly replays: ReplayStore,
  ) {}

  async sweep(kind: JobKind, signal: AbortSignal): Promise<void> {
    await inBatches(signal, (limit) => this.lifecycle.expire(kind, limit));
  }

  async sweepReplays(signal: AbortSignal): Promise<void> {
    await inBatches(signal, (limit) => this.replays.deleteExpired(limit));
  }
}

async function inBatches(
  signal: AbortSignal,
  deleteSome: (limit: number) => Promise<number>,
): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES && !signal.aborted; batch += 1) {
    if ((await deleteSome(BATCH)) < BATCH) return;
  }
}
