import type { Job, Queue } from 'bullmq';

import { type JobContract, wipeSealed } from '../contracts/job-contract.js';
import { queueOf } from './job-producer.js';
import { openQueues } from './live-jobs.js';
import type { QueueSettings } from '../connection/queue-settings.js';
import { answerInTime } from '../backend/queue-epochs.js';

const PAGE = 250;
const STATES = ['failed', 'completed'] as const;

/** The jobs that the queues keep after their end. The connections are a producer's: commands fail while the queue is down. */
export class FinishedJobs {
  readonly #queues: readonly Queue[];

  constructor(settings: QueueSettings) {
    this.#queues = openQueues(settings);
  }

  /**
   * Removes the sealed envelope from every job that has ended.
   * Pages run from the newest job to the oldest: jobs that end meanwhile shift the others back, so none is skipped.
   * @returns how many jobs still had one. Anything but 0 is a bug.
   * @throws AppError `unavailable`
   */
  async wipe(contract: JobContract, signal: AbortSignal): Promise<number> {
    const queue = queueOf(contract, this.#queues);
    let wiped = 0;
    for (const state of STATES) {
      for (let from = 0; !signal.aborted; from += PAGE) {
        const jobs = await answerInTime(queue.getJobs([state], from, from + PAGE - 1));
        for (const job of jobs) if (await answerInTime(wipeIfSealed(job))) wiped += 1;
        if (jobs.length < PAGE) break;
      }
    }
    return wiped;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#queues.map((queue) => queue.close()));
  }
}

/** The job is undefined when it was removed after its id was read. */
async function wipeIfSealed(job: Job | undefined): Promise<boolean> {
  const data: unknown = job?.data;
  if (!job || typeof data !== 'object' || data === null || !('sealed' in data)) return false;
  await wipeSealed(job);
  return true;
}
