import { type Answer, MemoryStore, type Question, type SeenMemory } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { shownHits, viewAnswer, viewFound } from './answer.view.js';
import { Proofs } from './proofs.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(
    private readonly memories: MemoryStore,
    private readonly proofs: Proofs,
  ) {}

  async render(question: Question, answer: Answer): Promise<AnsweredView> {
    const seen = await this.#seen(question, answer);
    const view = viewAnswer(question, answer, seen, new Date());
    const shown = shownHits(answer, seen).map((hit) => hit.seen);
    return { ...view, ...(await this.proofs.of(question, view, shown)) };
  }

  /** What was found, before there is an answer. */
  async renderFound(
    question: Question,
    { hits, searched }: Pick<Answer, 'hits' | 'searched'>,
  ): Promise<FoundView> {
    const seen = await this.#seen(question, { hits });
    return viewFound(question, { hits: shownHits({ hits }, seen), searched }, new Date());
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
