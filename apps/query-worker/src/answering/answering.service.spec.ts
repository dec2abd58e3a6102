import { CallerKey } from '@app/caller-keys';
import { LlmClient, type ModelAccount, type GenerationSpending } from '@app/llm-providers';
import { MemoryIndex, type Question } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { hitOf } from '../testing/hit-of.js';
import { AnsweringService } from './answering.service.js';

const KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';
const QUESTION: Question = {
  question: 'Where does Ana live?',
  scope: { accountId: 'account', tenantId: null },
  filter: {},
  moment: {},
  referenceDate: null,
  limit: 10,
  includeProofTree: false,
};

/** Answers every question with one text. */
class OneAnswer extends LlmClient {
  constructor(private readonly answer: string) {
    super();
  }

  override generateObject(): Promise<never> {
    throw new Error('An answer is a text.');
  }

  override generateText(): Promise<GenerationSpending & { readonly text: string }> {
    const usage = { inputTokens: 1, outputTokens: 1 };
    return Promise.resolve({ text: this.answer, llmCalls: 1, usage });
  }

  override streamText(): AsyncGenerator<string, never> {
    throw new Error('Nobody reads along.');
  }

  override verify(): Promise<never> {
    throw new Error('An answer is no verification.');
  }
}

class TwoHits extends MemoryIndex {
  override retrieve(): ReturnType<MemoryIndex['retrieve']> {
    const hits = [hitOf('Ana lives in Rome.'), hitOf('Ana has a dog.')];
    return Promise.resolve({ hits, searched: 2, leftOut: 0 });
  }
}

const answerTo = async (text: string): Promise<string> => {
  const account: ModelAccount = {
    owner: 'caller',
    client: new OneAnswer(text),
    target: { provider: 'openai', model: 'm', key: new CallerKey(KEY) },
  };
  const signal = new AbortController().signal;
  const answer = await new AnsweringService(new TwoHits()).answer(QUESTION, account, signal);
  return answer.text;
};

/** The forms that a reader of an answer may turn it into. */
const withoutMarkers = (text: string): string =>
  text.replace(/\[mem-\d+\]/g, '').replace(/[\s,;()]|\band\b/g, '');

describe('an answer', () => {
  it.each([
    '[mem-99]',
    ' [mem-99] ',
    '[mem-1]',
    ' [mem-1], [mem-2] and [mem-1] ',
    '([mem-1])',
    '(mem 99)',
    '(mem 1)',
    '【memory 2】',
    '[mem-99][mem-1]',
    '\0[mem-99]',
    ' ',
    '\u200b',
  ])('holds no key whose parts %j held apart', async (between) => {
    for (const size of [3, 8, 11]) {
      const parts = KEY.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      const text = withoutMarkers(await answerTo(`Ana: ${parts.join(between)} lives in Rome.`));
      for (let at = 0; at + 12 <= KEY.length; at += 1)
        expect(text).not.toContain(KEY.slice(at, at + 12));
      expect(text).toContain('[redacted]');
    }
  });

  it('holds no characters that Postgres refuses', async () => {
    expect(await answerTo('Ana lives in\0Rome \ud83d[mem-1].')).toBe(
      'Ana lives in\ufffdRome \ufffd[mem-1].',
    );
  });
});
