import type { Answer, Question, SeenMemory } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { viewAnswer, viewFound } from './answer.view.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const READER = { now: NOW, halfLifeDays: 30 };
const ACCOUNT = 'c0ffee00-0000-4000-8000-000000000000';
const question: Question = {
  question: 'Where does Ada live?',
  scope: { accountId: ACCOUNT, tenantId: null },
  filter: {},
  moment: { asOf: NOW },
  referenceDate: null,
  limit: 10,
  includeProofTree: false,
};

const seen = (id: string, text: string): SeenMemory => ({
  memory: {
    id,
    accountId: ACCOUNT,
    tenantId: null,
    source: 'agent',
    sessionId: null,
    externalId: null,
    metadata: {},
    text,
    topic: 'Home',
    category: 'location',
    importance: 5,
    createdAt: NOW,
    capturedAt: NOW,
    extraction: null,
    turns: [],
    turnsShortened: false,
  },
  version: {
    memoryId: id,
    validFrom: NOW,
    validTo: null,
    supersededBy: null,
    believedFrom: NOW,
    believedTo: null,
  },
});

const london = seen('a', 'Ada lives in London.');
const chess = seen('b', 'Ada plays chess.');
const paris = seen('c', 'Ada lived in Paris.');

const answer: Answer = {
  text: 'In London [mem-1], before in Paris [mem-3].',
  grounded: true,
  hits: [
    { memoryId: 'a', similarity: 0.9, cited: true },
    { memoryId: 'b', similarity: 0.5, cited: false },
    { memoryId: 'c', similarity: 0.4, cited: true },
  ],
  searched: 12,
  generation: {
    provider: 'openai',
    model: 'm',
    byoLlm: true,
    llmCalls: 1,
    usage: { inputTokens: 10, outputTokens: 5 },
  },
};

describe('an answer on the wire', () => {
  const view = viewAnswer(question, answer, [paris, chess, london], READER);

  it('lists all retrieved memories in rank order, and marks the cited ones', () => {
    expect(
      view.citations.map(({ index, memory_id, cited_by_llm }) => [index, memory_id, cited_by_llm]),
    ).toEqual([
      [1, 'a', true],
      [2, 'b', false],
      [3, 'c', true],
    ]);
    expect(view.memories.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('has a text with markers and one without', () => {
    expect(view).toMatchObject({
      answer_with_citations: 'In London [mem-1], before in Paris [mem-3].',
      answer: 'In London, before in Paris.',
      grounded: true,
      memories_searched: 12,
      as_of: '2026-06-01T00:00:00.000Z',
      transaction_as_of: null,
      company_id: ACCOUNT,
    });
  });
});

describe('an answer whose memories were erased since', () => {
  it('renumbers its markers, so that each still points to its citation', () => {
    const view = viewAnswer(question, answer, [chess, paris], READER);
    expect(view.answer_with_citations).toBe('In London, before in Paris [mem-2].');
    expect(view.citations[1]).toMatchObject({ index: 2, memory_id: 'c', cited_by_llm: true });
  });

  it('is not grounded when no cited memory is left', () => {
    expect(viewAnswer(question, answer, [chess], READER).grounded).toBe(false);
  });
});

it('a search response has the same fields without an answer', () => {
  const view = viewFound(
    question,
    { hits: [{ seen: chess, similarity: 1, cited: false }], searched: 3 },
    READER,
  );
  expect(Object.keys(view).toSorted()).toEqual([
    'as_of',
    'citations',
    'company_id',
    'memories',
    'memories_searched',
    'question',
    'transaction_as_of',
    'truncated',
  ]);
});
