import type { Caller } from '@app/accounts';
import type { Answer, Question } from '@app/memory';

import type { QueryProgress } from '../dispatch/wait-for-reply.js';
import type { StreamEvent } from '../http/event-stream.js';
import type { AnswerResults } from './answer-results.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** The events of a streamed answer: `retrieval` once, `delta` for each piece of text, `answer` at the end. */
export type QueryEvent =
  | StreamEvent<'retrieval', FoundView>
  | StreamEvent<'delta', { readonly text: string }>
  | StreamEvent<'answer', AnsweredView>;

/**
 * @param ask resolves with the answer, and reports progress before that.
 * @throws AppError the failure of the query, at any point of the stream.
 */
export async function* queryEvents(
  results: Pick<AnswerResults, 'renderAnswer' | 'renderRetrieval'>,
  caller: Caller,
  question: Question,
  ask: (onProgress: (progress: QueryProgress) => void) => Promise<Answer>,
): AsyncGenerator<QueryEvent> {
  const queue = new AsyncQueue<QueryProgress>();
  const asked = ask((progress) => queue.push(progress)).finally(() => queue.end());
  // Prevents an unhandled rejection where the client disconnects and the `await` below is never reached.
  asked.catch(() => undefined);
  let isShown = false;
  let at = 0;
  for await (const progress of queue) {
    if (progress.kind === 'retrieval' && !isShown) {
      isShown = true;
      const { view } = await results.renderRetrieval(caller, question, progress.retrieval);
      yield { event: 'retrieval', data: view };
    }
    if (progress.kind !== 'delta') continue;
    // After a lost piece or a new attempt, later pieces do not continue the text: send no more of them, only the answer.
    at = isShown && progress.at === at ? at + 1 : NEVER;
    if (at !== NEVER) yield { event: 'delta', data: { text: progress.text } };
  }
  const answer = await asked;
  if (isShown) {
    // The memories are read again: one may have been erased while the model wrote.
    yield { event: 'answer', data: await results.renderAnswer(caller, question, answer) };
    return;
  }
  const { view, found } = await results.renderRetrieval(caller, question, answer);
  yield { event: 'retrieval', data: view };
  yield { event: 'answer', data: await results.renderAnswer(caller, question, answer, found) };
}

const NEVER = -1;

/** Push at any time; exactly one consumer iterates. */
class AsyncQueue<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #ended = false;
  #changed = Promise.withResolvers<void>();

  push(item: Item): void {
    this.#items.push(item);
    this.#changed.resolve();
  }

  /** The consumer still gets the items that were pushed before. */
  end(): void {
    this.#ended = true;
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift())
        yield item;
      if (this.#ended) return;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers<void>();
    }
  }
}
