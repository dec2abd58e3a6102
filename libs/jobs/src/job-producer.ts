import { AppError } from '@app/errors';
import type { Job, Queue } from 'bullmq';

import { type AnswerQuery, answerQuery } from './answer-query.job.js';
import { type ExtractMemories, extractMemories } from './extract-memories.job.js';
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
  ) {}

  async extract(jobs: readonly ExtractMemories[]): Promise<void> {
    await orUnavailable(
      this.extraction.addBulk(
        jobs.map((data) => ({
          name: extractMemories.name,
          data,
          opts: { ...extractMemories.options, jobId: jobIdOf(data.writeId, data.run) },
        })),
      ),
    );
  }

  async answer(job: AnswerQuery): Promise<void> {
    // A question that somebody waits for is asked once; who waits may ask again.
    const attempts = job.stored ? answerQuery.options.attempts : 1;
    const options = { ...answerQuery.options, attempts, jobId: jobIdOf(job.queryId, job.run) };
    await orUnavailable(this.query.add(answerQuery.name, job, options));
  }

  async verify(job: VerifyLlm): Promise<void> {
    const options = { ...verifyLlm.options, jobId: jobIdOf(job.verificationId, job.run) };
    await orUnavailable(this.verification.add(verifyLlm.name, job, options));
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
