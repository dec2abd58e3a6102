import { AppError } from '@app/errors';
import type { Job, Queue } from 'bullmq';

import { type AnswerQuery, answerQuery } from './answer-query.job.js';
import { type ExtractMemories, extractMemories } from './extract-memories.job.js';
import { accountOf, type FairOrder } from './fair-order.js';
import { type JobContract, jobIdOf } from './job-contract.js';
import { type VerifyLlm, verifyLlm } from './verify-llm.job.js';

const RETRY_AFTER_MS = 5_000;

/**
 * Puts jobs into their queues.
 * @throws AppError `unavailable` when the queue does not take them; then none of them may be counted on, and a job that
 * arrived all the same finds that its row has ended.
 */
export class JobProducer {
  constructor(
    private readonly extraction: Queue,
    private readonly query: Queue,
    private readonly verification: Queue,
    private readonly order: FairOrder,
  ) {}

  async extract(jobs: readonly ExtractMemories[]): Promise<void> {
    await this.#add(
      this.extraction,
      extractMemories,
      jobs.map((data) => ({ id: jobIdOf(data.writeId, data.run), data })),
    );
  }

  async answer(job: AnswerQuery): Promise<void> {
    // A question that somebody waits for is asked once; who waits may ask again.
    const attempts = job.stored ? answerQuery.options.attempts : 1;
    const contract = { ...answerQuery, options: { ...answerQuery.options, attempts } };
    const id = jobIdOf(job.queryId, job.run);
    await this.#add(this.query, contract, [{ id, data: job }]);
  }

  async verify(job: VerifyLlm): Promise<void> {
    const id = jobIdOf(job.verificationId, job.run);
    await this.#add(this.verification, verifyLlm, [{ id, data: job }]);
  }

  /** Takes a question out of the queue, its key with it. One that a worker has begun stays. */
  async withdrawAnswer(jobId: string): Promise<void> {
    await this.query.remove(jobId);
  }

  /** Takes any job out of its queue, its key with it. False: a worker has it, or it is not there. */
  async withdraw({ queue }: JobContract, jobId: string): Promise<boolean> {
    return (await this.#queueOf(queue).remove(jobId)) === 1;
  }

  /** Whether the queue has a job of this id that has not ended. */
  async isLive({ queue }: JobContract, jobId: string): Promise<boolean> {
    const job = (await this.#queueOf(queue).getJob(jobId)) as Job | undefined;
    return job !== undefined && job.finishedOn === undefined;
  }

  #queueOf(name: string): Queue {
    const queues = [this.extraction, this.query, this.verification];
    const found = queues.find((queue) => queue.name === name);
    if (!found) throw new Error(`No queue is called ${name}`);
    return found;
  }

  /** True when the queue answers within `timeoutMs`. */
  async isReachable(timeoutMs: number): Promise<boolean> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const late = new Promise<boolean>((resolve) =>
      timeout.addEventListener('abort', () => resolve(false), { once: true }),
    );
    return Promise.race([
      late,
      this.extraction.getWaitingCount().then(
        () => true,
        () => false,
      ),
    ]);
  }

  async #add(
    queue: Queue,
    { name, options }: JobContract,
    jobs: readonly { readonly id: string; readonly data: unknown }[],
  ): Promise<void> {
    const accountIds = jobs.map(({ data }) => accountOf(data));
    const priorities = await this.order.priorities(queue, accountIds);
    const added = jobs.map(({ id, data }, index) => ({
      name,
      data,
      opts: { ...options, jobId: id, priority: priorities[index] ?? 0 },
    }));
    try {
      await orUnavailable(queue.addBulk(added));
    } finally {
      // Not waited for: until they have their places they stand behind all that have.
      void this.order.arrange(queue.name);
    }
  }
}

async function orUnavailable(adding: Promise<unknown>): Promise<void> {
  try {
    await adding;
  } catch (cause) {
    throw new AppError(
      'unavailable',
      'The queue does not take jobs right now. Nothing was accepted; try again.',
      {
        retryAfterMs: RETRY_AFTER_MS,
        cause,
      },
    );
  }
}
