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
import { shownHits, viewAnswer, viewFound } from './answer.view.js';
import { Proofs } from './proofs.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** A question that has its answer. */
export type AnsweredQuery = Pick<QueryJob, 'id' | 'question'> & { readonly result: Answer };

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(
    private readonly memories: MemoryStore,
    private readonly proofs: Proofs,
  ) {}

  async render(caller: Whose, question: Question, answer: Answer): Promise<AnsweredView> {
    return this.#view(caller, question, answer, await this.#seen(question, answer));
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
    const views = jobs.map(
      async ({ id, question, result }) =>
        [
          id,
          await this.#view(caller, question, result, seen.get(believedAt(question)) ?? []),
        ] as const,
    );
    return new Map(await Promise.all(views));
  }

  /** What was found, before there is an answer. */
  async renderFound(
    caller: Whose,
    question: Question,
    { hits, searched }: Pick<Answer, 'hits' | 'searched'>,
  ): Promise<FoundView> {
    const seen = await this.#seen(question, { hits });
    return viewFound(question, { hits: shownHits({ hits }, seen), searched }, readerOf(caller));
  }

  async #view(
    caller: Whose,
    question: Question,
    answer: Answer,
    seen: readonly SeenMemory[],
  ): Promise<AnsweredView> {
    const view = viewAnswer(question, answer, seen, readerOf(caller));
    const shown = shownHits(answer, seen).map((hit) => hit.seen);
    return { ...view, ...(await this.proofs.of(question, view, shown)) };
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
