import { AppError } from '@app/errors';
import type { Job, Queue } from 'bullmq';

import { type AnswerQuery, answerQuery } from '../contracts/answer-query.job.js';
import { type ExtractMemories, extractMemories } from '../contracts/extract-memories.job.js';
import { type JobContract, jobIdOf } from '../contracts/job-contract.js';
import { type VerifyLlm, verifyLlm } from '../contracts/verify-llm.job.js';
import type { FairOrder } from '../fairness/fair-order.js';
import { RETRY_AFTER_MS } from '../policy.js';
import { within } from '../backend/within.js';

/**
 * Adds jobs to their queues.
 * @throws AppError `unavailable` when the queue does not take them. Treat all of them as not queued. If a job with a row was
 * added in spite of the error, its attempt finds that the row has ended.
 */
export class JobProducer {
  constructor(
    private readonly queues: readonly Queue[],
    private readonly order: FairOrder,
  ) {}

  async extract(jobs: readonly ExtractMemories[]): Promise<void> {
    await this.#add(
      extractMemories,
      jobs.map((data) => ({ id: jobIdOf(data.writeId, data.run), data })),
    );
  }

  async answer(job: AnswerQuery): Promise<void> {
    // A synchronous query gets one attempt: the waiting caller can repeat the call.
    const attempts = job.stored ? answerQuery.options.attempts : 1;
    const contract = { ...answerQuery, options: { ...answerQuery.options, attempts } };
    await this.#add(contract, [{ id: jobIdOf(job.queryId, job.run), data: job }]);
  }

  async verify(job: VerifyLlm): Promise<void> {
    await this.#add(verifyLlm, [{ id: jobIdOf(job.verificationId, job.run), data: job }]);
  }

  /** Removes a query from the queue together with its key. A query that a worker has begun stays. */
  async withdrawAnswer(jobId: string): Promise<void> {
    await this.withdraw(answerQuery, jobId);
  }

  /** Removes any job from its queue together with its key. False: a worker has it, or it is not in the queue. */
  async withdraw(contract: JobContract, jobId: string): Promise<boolean> {
    return (await this.#queueOf(contract).remove(jobId)) === 1;
  }

  /** Whether the queue has a job of this id that has not ended. */
  async isLive(contract: JobContract, jobId: string): Promise<boolean> {
    const job = (await this.#queueOf(contract).getJob(jobId)) as Job | undefined;
    return job !== undefined && job.finishedOn === undefined;
  }

  /** Whether the queue answers within `timeoutMs`. */
  isReachable(timeoutMs: number): Promise<boolean> {
    const answers = this.#queueOf(extractMemories)
      .getWaitingCount()
      .then(
        () => true,
        () => false,
      );
    return within(answers, timeoutMs, false);
  }

  #queueOf(contract: JobContract): Queue {
    return queueOf(contract, this.queues);
  }

  async #add(
    contract: JobContract,
    jobs: readonly { readonly id: string; readonly data: unknown }[],
  ): Promise<void> {
    try {
      const { name, options } = contract;
      await this.order.add(this.#queueOf(contract), { name, options, jobs });
    } catch (cause) {
      throw new AppError(
        'unavailable',
        'The queue does not take jobs right now. Nothing was accepted; try again.',
        { retryAfterMs: RETRY_AFTER_MS, cause },
      );
    }
  }
}

export function queueOf({ queue }: Pick<JobContract, 'queue'>, queues: readonly Queue[]): Queue {
  const found = queues.find(({ name }) => name === queue);
  if (!found) throw new Error(`No queue is called ${queue}`);
  return found;
}
