import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';
import type { RunnableJob } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { refuseKeyInText, refuseUnlessRetryable } from './retryable.js';

const refusal = (job: Pick<RunnableJob, 'state' | 'textKept'>): string | undefined => {
  try {
    refuseUnlessRetryable(job as RunnableJob);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'job_not_retryable') throw error;
    return error.message;
  }
};

describe('refuseUnlessRetryable', () => {
  it.each([
    ['queued', 'has not ended'],
    ['running', 'has not ended'],
    ['succeeded', 'has succeeded'],
    ['cancelled', 'was cancelled'],
  ] as const)('refuses a job that is %s, and says why', (state, why) => {
    expect(refusal({ state, textKept: true })).toContain(why);
  });

  it('allows a failed job as long as its text is kept', () => {
    expect(refusal({ state: 'failed', textKept: true })).toBeUndefined();
    expect(refusal({ state: 'failed', textKept: false })).toContain('text was erased');
  });
});

const target = (key: string): LlmTarget => ({
  provider: 'openai',
  model: 'm',
  key: new CallerKey(key),
});

const refused = (key: string, text: unknown): unknown => {
  try {
    return refuseKeyInText(target(key), text);
  } catch (error) {
    return error;
  }
};

describe('a fresh key that the text of the job contains', () => {
  const KEY = 'sk"\\with-quotes-0123456789';
  it.each([
    { messages: [{ role: 'user', content: `It is ${KEY}.` }] },
    { metadata: { nested: [{ deep: KEY }] } },
    { metadata: { [KEY]: 1 } },
    { question: KEY },
  ])('is refused, and not quoted: %#', (text) => {
    const error = refused(KEY, text);
    expect(error).toMatchObject({
      code: 'llm_invalid_request',
      faults: [{ path: '/llm/key', message: expect.not.stringContaining('sk') }],
    });
  });

  it('is allowed where the text does not contain it, or it is too short to tell', () => {
    expect(refused(KEY, { messages: [{ content: 'sk' }] })).toBeUndefined();
    expect(refused(KEY, null)).toBeUndefined();
    expect(refused('short', { content: 'in short' })).toBeUndefined();
  });
});
