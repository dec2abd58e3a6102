import { JobLifecycle, type JobKind, ReplayStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

const BATCH = 500;
/** A large backlog takes several rounds of upkeep, because each batch locks rows that other statements need. */
const MAX_BATCHES = 20;

/** Deletes rows and replays whose retention has ended. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly lifecycle: JobLifecycle,
    private readonly replays: ReplayStore,
  ) {}

  async deleteExpiredJobs(kind: JobKind, signal: AbortSignal): Promise<void> {
    await inBatches(signal, (limit) => this.lifecycle.expire(kind, limit));
  }

  async deleteExpiredReplays(signal: AbortSignal): Promise<void> {
    await inBatches(signal, (limit) => this.replays.deleteExpired(limit));
  }
}

async function inBatches(
  signal: AbortSignal,
  deleteSome: (limit: number) => Promise<number>,
): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES && !signal.aborted; batch += 1) {
    if ((await deleteSome(BATCH)) < BATCH) return;
  }
}
