import type { Caller } from '@app/accounts';
import type { Progress } from '@app/jobs';
import type { Answer, Question } from '@app/memory';

import type { StreamEvent } from '../http/event-stream.js';
import type { AnswerResults } from './answer-results.js';
import { Feed } from './feed.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

/** What a client that reads along is sent: the first once, the second as often as there is text, the last at the end. */
export type QueryEvent =
  | StreamEvent<'retrieval', FoundView>
  | StreamEvent<'delta', { readonly text: string }>
  | StreamEvent<'answer', AnsweredView>;

/**
 * @param ask gives the answer in the end, and tells what comes before it.
 * @throws AppError what it failed with, at whatever point.
 */
export async function* queryEvents(
  results: Pick<AnswerResults, 'render' | 'renderFound'>,
  caller: Caller,
  question: Question,
  ask: (onProgress: (progress: Progress) => void) => Promise<Answer>,
): AsyncGenerator<QueryEvent> {
  const feed = new Feed<Progress>();
  const asked = ask((progress) => feed.push(progress)).finally(() => feed.end());
  // Whoever reads to the end hears of it; whoever has left does not.
  asked.catch(() => undefined);
  let isFound = false;
  let at = 0;
  for await (const progress of feed) {
    if (progress.kind === 'retrieval' && !isFound) {
      isFound = true;
      const found = progress.retrieval as Pick<Answer, 'hits' | 'searched' | 'leftOut'>;
      yield { event: 'retrieval', data: await results.renderFound(caller, question, found) };
    }
    if (progress.kind !== 'delta') continue;
    // With a piece lost, or another attempt begun, what follows would not read on: the answer itself says it all.
    at = isFound && progress.at === at ? at + 1 : NEVER;
    if (at !== NEVER) yield { event: 'delta', data: { text: progress.text } };
  }
  const answer = await asked;
  if (!isFound)
    yield { event: 'retrieval', data: await results.renderFound(caller, question, answer) };
  yield { event: 'answer', data: await results.render(caller, question, answer) };
}

const NEVER = -1;
