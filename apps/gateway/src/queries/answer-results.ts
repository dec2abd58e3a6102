import { type Answer, MemoryStore, type Question } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewAnswer } from './answer.view.js';
import type { AnsweredView } from './queries.schemas.js';

/** An answer by reference → the answer itself, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class AnswerResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(question: Question, answer: Answer): Promise<AnsweredView> {
    const ids = answer.hits.map(({ memoryId }) => memoryId);
    const seen =
      ids.length === 0
        ? []
        : await timed('db', this.memories.findMany(question.scope, ids, question.moment));
    return viewAnswer(question, answer, seen, new Date());
  }
}
