import { CallerKey } from '@app/caller-keys';
import { AppError } from '@app/errors';
import type { RefusedKeys } from '@app/jobs';
import { LlmClient, LlmError, type ModelAccount, type Prompt } from '@app/llm-providers';
import type { SeenMemory } from '@app/memory';
import { aHistory } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { Classifier } from './classifier.js';

const KEY = 'sk-ant-classifier-0123456789';
const SPENT = { llmCalls: 1, usage: { inputTokens: 100, outputTokens: 10 } };
const VERDICT = {
  category: 'location',
  comparisons: [{ candidate: 1, reasoning: `Not ${KEY}.`, verdict: 'supersedes', confidence: 0.9 }],
};

/** Plays the planned answers in order: it throws a failure and calls a function. After the last one it gives a verdict. */
class PlannedClient extends LlmClient {
  calls = 0;
  constructor(private readonly plan: (Error | ((prompt: Prompt) => Promise<never>))[] = []) {
    super();
  }
  override generateObject = async (prompt: Prompt): Promise<never> => {
    this.calls += 1;
    const planned = this.plan.shift();
    if (typeof planned === 'function') return planned(prompt);
    if (planned) throw planned;
    return { value: VERDICT, ...SPENT } as never;
  };
  override generateText = (): never => unasked();
  override streamText = (): never => unasked();
  override verify = (): never => unasked();
}
const unasked = (): never => {
  throw new Error('Nobody asks for that here.');
};

const guarded: string[] = [];
const refusedKeys = {
  guard: async (under: string, call: () => Promise<unknown>) => {
    guarded.push(under);
    return call();
  },
} as unknown as RefusedKeys;

function classifierOn(client: LlmClient, owner: ModelAccount['owner'] = 'bundled') {
  const target = { provider: 'anthropic' as const, model: 'haiku', key: new CallerKey(KEY) };
  const classifier = new Classifier({ owner, client, target }, refusedKeys, 'a-caller');
  const { memory, versions } = aHistory({ text: 'Ana lives in Lisbon.' });
  const [version] = versions;
  const candidates: readonly SeenMemory[] = version ? [{ memory, version }] : [];
  const fact = {
    text: 'Ana moved.',
    topic: 'Home',
    category: 'location' as const,
    validFrom: new Date(0),
  };
  const ask = (signal = new AbortController().signal) =>
    classifier.compare(fact, candidates, signal);
  return { classifier, ask, memory };
}

describe('Classifier', () => {
  it('returns the verdict without the key, and counts the call and its tokens', async () => {
    const { classifier, ask, memory } = classifierOn(new PlannedClient());
    await ask();
    expect(await ask()).toMatchObject({
      model: 'haiku',
      category: 'location',
      classifications: [
        { memoryId: memory.id, verdict: 'supersedes', reasoning: 'Not [redacted].' },
      ],
    });
    expect(classifier.spent).toEqual({
      owner: 'bundled',
      llmCalls: 2,
      usage: { inputTokens: 200, outputTokens: 20 },
    });
  });

  it.each([
    new LlmError('llm_auth_failed', 'No.'),
    new LlmError('llm_rate_limited', 'Slow down.'),
    new LlmError('llm_unavailable', 'Down.'),
    new AppError('bundled_llm_unavailable', 'None.'),
    new TypeError('A bug.'),
  ])('is not asked again by this write after %s', async (failure) => {
    const client = new PlannedClient([failure]);
    const { ask } = classifierOn(client);
    expect(await ask()).toBeUndefined();
    expect(await ask()).toBeUndefined();
    expect(client.calls).toBe(1);
  });

  it('classifies the next fact after an unusable answer', async () => {
    const { ask } = classifierOn(new PlannedClient([new LlmError('llm_invalid_output', 'Eh?')]));
    expect(await ask()).toBeUndefined();
    expect(await ask()).toBeDefined();
  });

  it('stops with its attempt', async () => {
    const attempt = new AbortController();
    const hang = (prompt: Prompt): Promise<never> =>
      new Promise((_, reject) => {
        prompt.signal.addEventListener('abort', () => reject(new LlmError('llm_unavailable', '')));
        attempt.abort(new Error('interrupted'));
      });
    const { ask } = classifierOn(new PlannedClient([hang]));
    await expect(ask(attempt.signal)).rejects.toThrow('interrupted');
  });

  it('guards a caller’s key with the counter of rejected keys', async () => {
    guarded.length = 0;
    await classifierOn(new PlannedClient(), 'bundled').ask();
    expect(guarded).toEqual([]);
    await classifierOn(new PlannedClient(), 'caller').ask();
    expect(guarded).toEqual(['a-caller']);
  });
});
