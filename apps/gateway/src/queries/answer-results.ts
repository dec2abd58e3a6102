import {
  ALL_TENANTS,
  type Answer,
  type FoundMemories,
  MemoryStore,
  type QueryJob,
  type Question,
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
    return this.#view(caller, question, answer, await this.#find(question, answer));
  }

  /** Those of many jobs of one account, by their ids: one statement for each past moment that was asked about. */
  async renderMany(
    caller: Whose,
    jobs: readonly AnsweredQuery[],
  ): Promise<ReadonlyMap<string, AnsweredView>> {
    const scope = { accountId: caller.accountId, tenantId: ALL_TENANTS };
    const believed = Map.groupBy(jobs, ({ question }) => believedAt(question));
    const found = new Map<number | undefined, FoundMemories>();
    for (const [at, asked] of believed) {
      const ids = asked.flatMap(({ result }) => result.hits.map(({ memoryId }) => memoryId));
      const moment = at === undefined ? {} : { transactionAsOf: new Date(at) };
      found.set(at, await timed('db', this.memories.findMany(scope, ids, moment)));
    }
    const views = jobs.map(
      async ({ id, question, result }) =>
        [
          id,
          await this.#view(caller, question, result, found.get(believedAt(question)) ?? NONE),
        ] as const,
    );
    return new Map(await Promise.all(views));
  }

  /** What was found, before there is an answer. */
  async renderFound(
    caller: Whose,
    question: Question,
    { hits, searched, leftOut = 0 }: Pick<Answer, 'hits' | 'searched' | 'leftOut'>,
  ): Promise<FoundView> {
    const found = await this.#find(question, { hits });
    const shown = {
      hits: shownHits({ hits }, found.memories),
      searched,
      leftOut: leftOut + found.leftOut,
    };
    return viewFound(question, shown, readerOf(caller));
  }

  async #view(
    caller: Whose,
    question: Question,
    answer: Answer,
    { memories, leftOut }: FoundMemories,
  ): Promise<AnsweredView> {
    // The hits of an answer fit together. Those of one that an older worker stored may not.
    const told = leftOut === 0 ? answer : { ...answer, leftOut };
    const view = viewAnswer(question, told, memories, readerOf(caller));
    const shown = shownHits(answer, memories).map((hit) => hit.seen);
    return { ...view, ...(await this.proofs.of(question, view, shown)) };
  }

  async #find({ scope, moment }: Question, { hits }: Pick<Answer, 'hits'>): Promise<FoundMemories> {
    if (hits.length === 0) return NONE;
    const ids = hits.map(({ memoryId }) => memoryId);
    return timed('db', this.memories.findMany(scope, ids, moment));
  }
}

const NONE: FoundMemories = { memories: [], leftOut: 0 };

const believedAt = ({ moment: { transactionAsOf } }: Question): number | undefined =>
  transactionAsOf?.getTime();
