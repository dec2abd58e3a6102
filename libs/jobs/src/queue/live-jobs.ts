import { Queue } from 'bullmq';

import { CONTRACTS } from '../contracts/contracts.js';
import type { JobContract } from '../contracts/job-contract.js';
import type { FairOrder } from '../fairness/fair-order.js';
import { JobProducer, queueOf } from './job-producer.js';
import { openQueueBackend, queueOptions } from '../open-queue-backend.js';
import type { QueueSettings } from '../connection/queue-settings.js';
import { answerInTime, type QueueEpochs } from '../backend/queue-epochs.js';

/**
 * Tells upkeep which jobs the queues still hold. The connections are a producer's: their commands fail while the queue is
 * down, instead of waiting for its return.
 */
export class LiveJobs {
  readonly producer: JobProducer;
  readonly epochs: QueueEpochs;
  readonly #order: FairOrder;
  readonly #queues: readonly Queue[];

  constructor(settings: QueueSettings) {
    const backend = openQueueBackend(settings);
    this.#queues = openQueues(settings);
    this.#order = backend.fairOrder();
    this.epochs = backend.epochs();
    this.producer = new JobProducer(this.#queues, this.#order);
  }

  /**
   * Finds the ids whose job waits, is delayed or runs. Reads each job by its id, because searching the queue's lists for the
   * state of a job costs more, the longer they are.
   * @throws AppError `unavailable`
   */
  async findAmong(contract: JobContract, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const queue = queueOf(contract, this.#queues);
    const jobs = await answerInTime(Promise.all(jobIds.map((jobId) => queue.getJob(jobId))));
    // BullMQ sets `finishedOn` exactly when a job completes or fails.
    return new Set(
      jobs.flatMap((job) => (job?.id && job.finishedOn === undefined ? [job.id] : [])),
    );
  }

  async close(): Promise<void> {
    await this.epochs.close();
    await this.#order.close();
    await Promise.allSettled(this.#queues.map((queue) => queue.close()));
  }
}

/** One queue for each contract. Error events are dropped: the call that fails rejects anyway. */
export function openQueues(settings: QueueSettings): readonly Queue[] {
  return CONTRACTS.map(({ queue }) =>
    new Queue(queue, queueOptions(queue, { ...settings, role: 'producer' })).on(
      'error',
      () => undefined,
    ),
  );
}
