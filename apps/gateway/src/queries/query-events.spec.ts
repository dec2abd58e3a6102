import type { Caller } from '@app/accounts';
import type { Answer } from '@app/memory';
import { aQuestion } from '@app/memory/testing';
import { describe, expect, it, vi } from 'vitest';

import type { QueryProgress } from '../dispatch/wait-for-reply.js';
import type { AnswerResults } from './answer-results.js';
import { queryEvents } from './query-events.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

const CALLER = {} as Caller;
const ANSWER = { text: 'In Lisbon [mem-1].', hits: [], searched: 2 } as unknown as Answer;
const RETRIEVED = {
  view: {} as FoundView,
  found: { memories: [], leftOut: 0 },
};
const ANSWERED = { answer: 'In Lisbon.' } as unknown as AnsweredView;
const results = {
  renderAnswer: vi.fn<AnswerResults['renderAnswer']>(() => Promise.resolve(ANSWERED)),
  renderRetrieval: () => Promise.resolve(RETRIEVED),
};

const retrieval: QueryProgress = {
  kind: 'retrieval',
  retrieval: { hits: [], searched: 2, leftOut: 0 },
};
const piece = (at: number, text: string): QueryProgress => ({ kind: 'delta', at, text });

const readAll = async (sent: readonly QueryProgress[], answer = Promise.resolve(ANSWER)) => {
  const events: string[] = [];
  const asked = (onProgress: (progress: QueryProgress) => void): Promise<Answer> => {
    for (const progress of sent) onProgress(progress);
    return answer;
  };
  for await (const { event, data } of queryEvents(results, CALLER, aQuestion(), asked))
    events.push(event === 'delta' ? data.text : event);
  return events;
};

describe('the events of a streamed answer', () => {
  it('are the retrieval, the pieces, and the answer', async () => {
    expect(await readAll([retrieval, piece(0, 'In '), piece(1, 'Lisbon')])).toEqual([
      'retrieval',
      'In ',
      'Lisbon',
      'answer',
    ]);
  });

  it.each([
    ['a piece was lost', [retrieval, piece(0, 'In '), piece(2, 'on'), piece(3, '.')]],
    [
      'another worker began a new attempt',
      [retrieval, piece(0, 'In '), retrieval, piece(0, 'She '), piece(1, 'lives')],
    ],
  ])('contain no more pieces when %s, but still the answer', async (_when, sent) => {
    expect(await readAll(sent)).toEqual(['retrieval', 'In ', 'answer']);
  });

  it('contain the retrieval even if its message was lost', async () => {
    expect(await readAll([])).toEqual(['retrieval', 'answer']);
  });

  it('end with the failure of the query', async () => {
    const failure = new Error('the worker went away');
    await expect(readAll([retrieval], Promise.reject(failure))).rejects.toBe(failure);
  });

  it('read the memories again for the answer, because one may be erased while the model writes', async () => {
    await readAll([retrieval]);
    expect(results.renderAnswer).toHaveBeenLastCalledWith(CALLER, expect.anything(), ANSWER);
  });

  it('read the memories once when the retrieval is sent together with the answer', async () => {
    await readAll([]);
    expect(results.renderAnswer).toHaveBeenLastCalledWith(
      CALLER,
      expect.anything(),
      ANSWER,
      RETRIEVED.found,
    );
  });
});
