import { randomUUID } from 'node:crypto';

import {
  type ExtractMemories,
  extractMemories,
  JobProducer,
  prefixOf,
  queueConnection,
} from '@app/jobs';
import { type Job, type Queue, Worker } from 'bullmq';
import { vi } from 'vitest';

export interface Served {
  readonly accountId: string;
  readonly writeId: string;
}

const PATIENT = { timeout: 20_000 };

type Work = (job: Job<ExtractMemories>, token: string | undefined) => Promise<void>;

/** A worker that runs one job at a time and records the order of the jobs. */
export class ServedOrder {
  readonly served: Served[] = [];
  #worker: Worker | undefined;
  readonly #url: string;
  readonly #prefix: string;
  readonly #queue: Queue;
  readonly #producer: JobProducer;

  constructor(options: { url: string; prefix: string; queue: Queue; producer: JobProducer }) {
    this.#url = options.url;
    this.#prefix = options.prefix;
    this.#queue = options.queue;
    this.#producer = options.producer;
  }

  /** Adds writes of one account. @returns their ids, in their order. */
  async add(accountId: string, count = 1): Promise<readonly string[]> {
    const jobs = Array.from({ length: count }, () => aJob(accountId));
    for (let from = 0; from < count; from += 500)
      await this.#producer.extract(jobs.slice(from, from + 500));
    return jobs.map(({ writeId }) => writeId);
  }

  start(work: Work = () => Promise.resolve()): void {
    this.#worker = new Worker<ExtractMemories>(
      extractMemories.queue,
      async (job, token) => {
        const { accountId = '', writeId } = job.data;
        this.served.push({ accountId, writeId });
        await work(job, token);
      },
      {
        connection: queueConnection({ url: this.#url, role: 'worker' }),
        prefix: prefixOf(extractMemories.queue, { prefix: this.#prefix }),
        concurrency: 1,
        // A worker that the queue does not wake sleeps for a minute, which is longer than a test may take.
        drainDelay: 60,
      },
    ).on('error', () => undefined);
  }

  async until(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.served.length < count) throw new Error(`${this.served.length} were served`);
    }, PATIENT);
  }

  /** The number of jobs that were served before this one. */
  placeOf(writeId: string | undefined): number {
    return this.served.findIndex((one) => one.writeId === writeId);
  }

  /** The jobs of one account in the order in which they were served. */
  of(accountId: string): readonly string[] {
    return this.served.filter((one) => one.accountId === accountId).map(({ writeId }) => writeId);
  }

  async stop(): Promise<void> {
    this.served.length = 0;
    await this.#worker?.close();
    this.#worker = undefined;
    await this.#queue.obliterate({ force: true });
  }
}

function aJob(accountId: string): ExtractMemories {
  return {
    v: 1,
    writeId: randomUUID(),
    run: 1,
    accountId,
    llmAccount: 'bundled',
    requestId: 'r',
  };
}
