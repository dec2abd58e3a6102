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

import { readerOf, type Whose } from '../memories/reader.js';
import { viewAnswer, viewFound } from './answer.view.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** A question that has its answer. */
export type AnsweredQuery = Pick<QueryJob, 'id' | 'question'> & { readonly result: Answer };

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(caller: Whose, question: Question, answer: Answer): Promise<AnsweredView> {
    return viewAnswer(question, answer, await this.#seen(question, answer), readerOf(caller));
  }

  /** Those of many jobs of one account, by their ids: one statement for each past moment that was asked about. */
  async renderMany(
    caller: Whose,
    jobs: readonly AnsweredQuery[],
  ): Promise<ReadonlyMap<string, AnsweredView>> {
    const scope = { accountId: caller.accountId, tenantId: ALL_TENANTS };
    const believed = Map.groupBy(jobs, ({ question }) => believedAt(question));
    const seen = new Map<number | undefined, readonly SeenMemory[]>();
    for (const [at, asked] of believed) {
      const ids = asked.flatMap(({ result }) => result.hits.map(({ memoryId }) => memoryId));
      const moment = at === undefined ? {} : { transactionAsOf: new Date(at) };
      seen.set(at, await timed('db', this.memories.findMany(scope, ids, moment)));
    }
    const reader = readerOf(caller);
    return new Map(
      jobs.map(({ id, question, result }) => [
        id,
        viewAnswer(question, result, seen.get(believedAt(question)) ?? [], reader),
      ]),
    );
  }

  /** What was found, before there is an answer. */
  async renderFound(
    caller: Whose,
    question: Question,
    { hits, searched }: Pick<Answer, 'hits' | 'searched'>,
  ): Promise<FoundView> {
    const seen = await this.#seen(question, { hits });
    const byId = new Map(seen.map((one) => [one.memory.id, one]));
    const shown = hits.flatMap((hit) => {
      const one = byId.get(hit.memoryId);
      return one ? [{ ...hit, seen: one }] : [];
    });
    return viewFound(question, { hits: shown, searched }, readerOf(caller));
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
