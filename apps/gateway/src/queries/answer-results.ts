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

import type { JobOwner, JobRenderer } from '../dispatch/job-results.js';
import { viewContextOf } from '../memories/memory.view.js';
import { shownHits, viewAnswer, viewFound } from './answer.view.js';
import { ProofTrees } from './proof-tree.service.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

declare module '../dispatch/job-results.js' {
  interface JobViews {
    query: AnsweredView;
  }
}

/** A rendered retrieval, and the memories that it shows. */
interface RenderedRetrieval {
  readonly view: FoundView;
  readonly found: FoundMemories;
}

/** Renders answers: a worker refers to memories by id, and the response shows them. */
@Injectable()
export class AnswerResults implements JobRenderer<'query'> {
  constructor(
    private readonly memories: MemoryStore,
    private readonly proofs: ProofTrees,
  ) {}

  async render(owner: JobOwner, { question, result }: QueryJob): Promise<AnsweredView | undefined> {
    return result ? this.renderAnswer(owner, question, result) : undefined;
  }

  /** One statement for each transaction time that the questions ask about. */
  async renderMany(
    owner: JobOwner,
    jobs: readonly QueryJob[],
  ): Promise<ReadonlyMap<string, AnsweredView>> {
    const scope = { accountId: owner.accountId, tenantId: ALL_TENANTS };
    const answered = jobs.flatMap(({ id, question, result }) =>
      result ? [{ id, question, result }] : [],
    );
    const found = new Map<number | undefined, FoundMemories>();
    for (const [at, asked] of Map.groupBy(answered, ({ question }) =>
      transactionTimeOf(question),
    )) {
      const ids = asked.flatMap(({ result }) => result.hits.map(({ memoryId }) => memoryId));
      const moment = at === undefined ? {} : { transactionAsOf: new Date(at) };
      found.set(at, await timed('db', this.memories.findMany(scope, ids, moment)));
    }
    const views = answered.map(async ({ id, question, result }) => {
      const memories = found.get(transactionTimeOf(question)) ?? NONE;
      return [id, await this.#view(owner, question, result, memories)] as const;
    });
    return new Map(await Promise.all(views));
  }

  /** @param found the memories of the hits, if they have just been read. */
  async renderAnswer(
    owner: JobOwner,
    question: Question,
    answer: Answer,
    found?: FoundMemories,
  ): Promise<AnsweredView> {
    return this.#view(owner, question, answer, found ?? (await this.#find(question, answer)));
  }

  /** The memories that were found, before there is an answer. */
  async renderRetrieval(
    owner: JobOwner,
    question: Question,
    { hits, searched, leftOut = 0 }: Pick<Answer, 'hits' | 'searched' | 'leftOut'>,
  ): Promise<RenderedRetrieval> {
    const found = await this.#find(question, { hits });
    const shown = {
      hits: shownHits({ hits }, found.memories),
      searched,
      leftOut: leftOut + found.leftOut,
    };
    return { view: viewFound(question, shown, viewContextOf(owner)), found };
  }

  async #view(
    owner: JobOwner,
    question: Question,
    answer: Answer,
    { memories, leftOut }: FoundMemories,
  ): Promise<AnsweredView> {
    // A worker leaves out hits that do not fit into one answer. Workers of earlier versions did not.
    const fitting = leftOut === 0 ? answer : { ...answer, leftOut };
    const view = viewAnswer(question, fitting, memories, viewContextOf(owner));
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

const transactionTimeOf = ({ moment: { transactionAsOf } }: Question): number | undefined =>
  transactionAsOf?.getTime();
