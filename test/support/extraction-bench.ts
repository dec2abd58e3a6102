import { type ExtractMemories, extractMemories, jobIdOf } from '@app/jobs';
import type { NewWrite } from '@app/memory';
import { aMessage, aMessagesWrite, aNewWrite } from '@app/memory/testing';
import type { Job } from 'bullmq';
import { expect, vi } from 'vitest';

import type { WorkerBench } from './workers.js';
import { SingleWrites } from './single-jobs.js';

export const CALLER_KEY = 'sk-caller-key-0123456789abcdef';

export interface Given {
  readonly write?: Partial<NewWrite>;
  readonly key?: string;
  readonly payload?: Partial<ExtractMemories>;
  readonly keepCompleted?: boolean;
}

/** Functions that put writes into the extraction queue, and read their rows, memories and jobs. */
export function extractionBench(bench: WorkerBench) {
  const queue = bench.queue(extractMemories.queue);
  const writes = new SingleWrites(bench.connected.database);

  /** Accepts a write and adds its job to the queue. */
  const enqueue = async ({
    write: over = {},
    key = CALLER_KEY,
    payload = {},
    keepCompleted,
  }: Given = {}) => {
    const write = aNewWrite({
      request: aMessagesWrite({
        messages: [aMessage({ name: 'Ana', content: 'I moved to Lisbon last spring.' })],
        recordedAt: new Date('2024-05-01T10:00:00Z'),
      }),
      ...over,
    });
    await writes.accept([write]);
    const jobId = jobIdOf(write.id, 1);
    const sealed = bench.sealer.seal(
      { target: bench.target(key), expiresAt: new Date(Date.now() + 60_000) },
      { queue: extractMemories.queue, jobId, accountId: write.asker.accountId },
    );
    const data = {
      v: 1 as const,
      writeId: write.id,
      run: 1,
      llmAccount: write.llmAccount,
      sealed,
      requestId: write.requestId,
      ...payload,
    };
    if (keepCompleted) {
      await queue.add(extractMemories.name, data, {
        ...extractMemories.options,
        removeOnComplete: false,
        jobId,
      });
    } else await bench.producer.extract([data]);
    return { write, jobId };
  };

  async function row(id: string) {
    const [found] = await bench.connected.database.query<{
      state: string;
      attempt: number;
      failure: { code: string } | null;
    }>('select state, attempt, failure from writes where id = $1', [id]);
    return found;
  }

  const stateIs = (id: string, state: string) =>
    vi.waitFor(async () => expect((await row(id))?.state).toBe(state), { timeout: 10_000 });

  const memoriesOf = async (accountId: string) =>
    bench.connected.database.query<{ text: string }>(
      'select text from memories where account_id = $1',
      [accountId],
    );

  async function jobOf(jobId: string): Promise<Job> {
    const job = (await queue.getJob(jobId)) as Job | undefined;
    if (!job) throw new Error('The job is gone');
    return job;
  }

  const jobIs = (jobId: string, state: string) =>
    vi.waitFor(async () => expect(await queue.getJobState(jobId)).toBe(state), { timeout: 10_000 });

  return { queue, writes, enqueue, row, stateIs, memoriesOf, jobOf, jobIs };
}
