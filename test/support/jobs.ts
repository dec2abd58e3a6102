import { jobIdOf } from '@app/jobs';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { expect, vi } from 'vitest';

import type { ByoBench } from './byo.js';
import type { Received } from './gateway.js';

const ASYNC = { prefer: 'respond-async' };

const messages = (content: string): readonly object[] => [{ role: 'user', content }];

/** Functions that make jobs and read their states, rows and calls. */
export function jobsOn(byo: ByoBench) {
  const queueOf = (name: string): Queue =>
    byo.gateway.app.get<Queue>(getQueueToken(name), { strict: false });

  /** Posts an asynchronous call. @returns the id of its job. */
  async function later(path: string, body: object, apiKey?: string): Promise<string> {
    const answer = await byo.call(path, { body, headers: ASYNC, ...(apiKey && { apiKey }) });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
    return answer.json.job_id;
  }

  return {
    messages,
    later,
    write: (model: string, content = 'I moved to Lisbon.', key?: string) =>
      later('/agent/memories', {
        messages: messages(content),
        llm: byo.llm('openai', model, key),
      }),
    ask: (model: string, question = 'Where do I live?') =>
      later('/agent/query', { question, llm: byo.llm('openai', model) }),
    get: (id: string): Promise<Received> => byo.gateway.send(`/agent/jobs/${id}`),
    cancel: (id: string): Promise<Received> =>
      byo.gateway.send(`/agent/jobs/${id}`, { method: 'DELETE' }),
    retry: (id: string, body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
      byo.gateway.send(`/agent/jobs/${id}/retry`, { body, headers }),
    is: (id: string, state: string) =>
      vi.waitFor(
        async () =>
          expect((await byo.gateway.send(`/agent/jobs/${id}`)).json).toMatchObject({ state }),
        { timeout: 10_000 },
      ),
    /** The queue's job for a run of this job. */
    queued: async (queue: string, id: string, run = 1) => queueOf(queue).getJob(jobIdOf(id, run)),
    queueOf,
    row: async (table: 'writes' | 'queries', id: string) => {
      const [row] = await byo.sql(`select * from ${table} where id = $1`, [id]);
      return row;
    },
    calls: (count: number) =>
      vi.waitFor(() => expect(byo.providers.calls).toHaveLength(count), { timeout: 10_000 }),
  };
}
