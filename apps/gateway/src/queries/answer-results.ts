import type { Caller } from '@app/accounts';
import { type Answer, MemoryStore, type Question, type SeenMemory } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { readerOf } from '../memories/reader.js';
import { viewAnswer, viewFound } from './answer.view.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(caller: Caller, question: Question, answer: Answer): Promise<AnsweredView> {
    return viewAnswer(question, answer, await this.#seen(question, answer), readerOf(caller));
  }

  /** What was found, before there is an answer. */
  async renderFound(
    caller: Caller,
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
