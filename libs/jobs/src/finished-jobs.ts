import { type Job, Queue } from 'bullmq';

import type { JobContract } from './job-contract.js';
import { CONTRACTS } from './jobs.module.js';
import { answered } from './live-jobs.js';
import { queueOptions, type QueueSettings } from './queue-connection.js';
import { wipeSealed } from './settle-failure.js';

const PAGE = 250;
/** Newest first: what finishes meanwhile moves the others on, so none is passed over. */
const STATES = ['failed', 'completed'] as const;

/** The jobs that the queues keep after their end, on connections of its own: these fail where a worker's wait. */
export class FinishedJobs {
  readonly #queues: readonly Queue[];

  constructor(settings: Omit<QueueSettings, 'role'>) {
    this.#queues = CONTRACTS.map(({ queue }) =>
      new Queue(queue, queueOptions(queue, { ...settings, role: 'producer' })).on(
        'error',
        // Whoever asks hears of it.
        () => undefined,
      ),
    );
  }

  /**
   * Takes every sealed envelope out of jobs that have ended, and says how many there were. Where all goes well: none.
   * @throws AppError `unavailable`
   */
  async wipe({ queue: name }: JobContract, signal: AbortSignal): Promise<number> {
    const queue = this.#queues.find((one) => one.name === name);
    if (!queue) return 0;
    let wiped = 0;
    for (const state of STATES) {
      for (let from = 0; !signal.aborted; from += PAGE) {
        const jobs = await answered(queue.getJobs([state], from, from + PAGE - 1));
        for (const job of jobs) if (await answered(hadEnvelope(job))) wiped += 1;
        if (jobs.length < PAGE) break;
      }
    }
    return wiped;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#queues.map((queue) => queue.close()));
  }
}

/** A job that was removed since its id was read is not there to be asked. */
async function hadEnvelope(job: Job | undefined): Promise<boolean> {
  const data: unknown = job?.data;
  if (!job || typeof data !== 'object' || data === null || !('sealed' in data)) return false;
  await wipeSealed(job);
  return true;
}
