import type { Caller } from '@app/accounts';
import type { Progress } from '@app/jobs';
import type { Answer } from '@app/memory';
import { aQuestion } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import type { AnswerResults } from './answer-results.js';
import { queryEvents } from './query-events.js';
import type { AnsweredView, FoundView } from './queries.schemas.js';

const CALLER = {} as Caller;
const ANSWER = { text: 'In Lisbon [mem-1].', hits: [], searched: 2 } as unknown as Answer;
const FOUND = { memories: [] } as unknown as FoundView;
const ANSWERED = { answer: 'In Lisbon.' } as unknown as AnsweredView;
const results: Pick<AnswerResults, 'render' | 'renderFound'> = {
  render: () => Promise.resolve(ANSWERED),
  renderFound: () => Promise.resolve(FOUND),
};

const retrieval: Progress = { kind: 'retrieval', jobId: 'q', retrieval: { hits: [], searched: 2 } };
const piece = (at: number, text: string): Progress => ({ kind: 'delta', jobId: 'q', at, text });
const beat: Progress = { kind: 'heartbeat', jobId: 'q' };

const readAll = async (told: readonly Progress[], answer = Promise.resolve(ANSWER)) => {
  const events: string[] = [];
  const asked = (onProgress: (progress: Progress) => void): Promise<Answer> => {
    for (const progress of told) onProgress(progress);
    return answer;
  };
  for await (const { event, data } of queryEvents(results, CALLER, aQuestion(), asked))
    events.push(event === 'delta' ? data.text : event);
  return events;
};

describe('a question whose caller reads along', () => {
  it('gives what is found, the pieces, and the answer', async () => {
    expect(await readAll([beat, retrieval, piece(0, 'In '), beat, piece(1, 'Lisbon')])).toEqual([
      'retrieval',
      'In ',
      'Lisbon',
      'answer',
    ]);
  });

  it.each([
    ['a piece was lost', [retrieval, piece(0, 'In '), piece(2, 'on'), piece(3, '.')]],
    [
      'another worker began anew',
      [retrieval, piece(0, 'In '), retrieval, piece(0, 'She '), piece(1, 'lives')],
    ],
  ])('gives no more pieces when %s, but the answer', async (_when, told) => {
    expect(await readAll(told)).toEqual(['retrieval', 'In ', 'answer']);
  });

  it('gives what is found even where nobody told it before', async () => {
    expect(await readAll([])).toEqual(['retrieval', 'answer']);
  });

  it('fails as the question failed', async () => {
    const failure = new Error('the worker went away');
    await expect(readAll([retrieval], Promise.reject(failure))).rejects.toBe(failure);
  });
});
