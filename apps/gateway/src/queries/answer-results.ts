import {
  ALL_TENANTS,
  type Answer,
  MemoryStore,
  type QueryJob,
  type Question,
  type SeenMemory,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewAnswer, viewFound } from './answer.view.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(question: Question, answer: Answer): Promise<AnsweredView> {
    return viewAnswer(question, answer, await this.#seen(question, answer), new Date());
  }

  /** Those of many jobs of one account, in their order: one statement for each past moment that was asked about. */
  async renderMany(
    accountId: string,
    jobs: readonly QueryJob[],
  ): Promise<readonly (AnsweredView | undefined)[]> {
    const scope = { accountId, tenantId: ALL_TENANTS };
    const believed = Map.groupBy(jobs, ({ question }) => believedAt(question));
    const seen = new Map<number | undefined, readonly SeenMemory[]>();
    for (const [at, asked] of believed) {
      const ids = asked.flatMap(({ result }) => result?.hits.map(({ memoryId }) => memoryId) ?? []);
      const moment = at === undefined ? {} : { transactionAsOf: new Date(at) };
      seen.set(at, await timed('db', this.memories.findMany(scope, ids, moment)));
    }
    const now = new Date();
    return jobs.map(({ question, result }) =>
      result ? viewAnswer(question, result, seen.get(believedAt(question)) ?? [], now) : undefined,
    );
  }

  /** What was found, before there is an answer. */
  async renderFound(
    question: Question,
    { hits, searched }: Pick<Answer, 'hits' | 'searched'>,
  ): Promise<FoundView> {
    const seen = await this.#seen(question, { hits });
    const byId = new Map(seen.map((one) => [one.memory.id, one]));
    const shown = hits.flatMap((hit) => {
      const one = byId.get(hit.memoryId);
      return one ? [{ ...hit, seen: one }] : [];
    });
    return viewFound(question, { hits: shown, searched }, new Date());
  }

  async #seen(
    { scope, moment }: Question,
    { hits }: Pick<Answer, 'hits'>,
  ): Promise<readonly SeenMemory[]> {
    if (hits.length === 0) return [];
    const ids = hits.map(({ memoryId }) => memoryId);
    return timed('db', this.memories.findMany(scope, ids, moment));
  }
}

const believedAt = ({ moment: { transactionAsOf } }: Question): number | undefined =>
  transactionAsOf?.getTime();
