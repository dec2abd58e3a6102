import { CallerKey } from '@app/caller-keys';
import { AppError } from '@app/errors';
import type { RefusedKeys } from '@app/jobs';
import type { LlmClient, ModelAccount } from '@app/llm-providers';
import {
  type ExtractedFacts,
  MemoryIndex,
  type AccountSpending,
  type Retrieved,
  SupersessionStore,
  type WriteClaim,
} from '@app/memory';
import { aFact, aMessagesWrite, aPolicy, extracted } from '@app/memory/testing';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { addSpending, AutoSupersessionService } from './auto-supersession.service.js';

const REFUSED = new AppError('rate_limited', 'Too many calls run at once.');

class RefusedIndex extends MemoryIndex {
  override retrieve(): Promise<Retrieved> {
    return Promise.reject(REFUSED);
  }
}

class EmptyStore extends SupersessionStore {
  constructor(private readonly refusal?: Error) {
    super();
  }
  override findDuplicates(): Promise<ReadonlySet<number>> {
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve(new Set());
  }
  override findReasoning(): Promise<readonly []> {
    return Promise.resolve([]);
  }
}

const claim: WriteClaim = {
  id: randomUUID(),
  run: 1,
  attempt: 1,
  asker: { accountId: randomUUID(), apiKeyId: randomUUID() },
  request: aMessagesWrite({ supersession: aPolicy({ excludedCategories: ['travel'] }) }),
  llmAccount: 'caller',
  callersProvider: 'anthropic',
  deadlineAt: new Date(),
};

function compare(store: SupersessionStore, found: ExtractedFacts, signal = AbortSignal.any([])) {
  const refusedKeys = {} as unknown as RefusedKeys;
  const account: ModelAccount = {
    owner: 'caller',
    client: {} as unknown as LlmClient,
    target: { provider: 'anthropic', model: 'haiku', key: new CallerKey('sk-ant-0123456789') },
  };
  const service = new AutoSupersessionService(new RefusedIndex(), store, refusedKeys);
  return service.compare(claim, found, { account, refusalBucket: undefined }, signal);
}

const facts = [aFact({ text: 'Ana moved.' }), aFact({ text: 'Ana flew.', category: 'travel' })];

describe('when the store refuses to search', () => {
  it.each([new EmptyStore(), new EmptyStore(REFUSED)])(
    'facts that a model has found are kept uncompared',
    async (store) => {
      const found = { ...extracted(facts), llmCalls: 1 };
      const { comparisons, facts: kept } = await compare(store, found);
      expect(kept).toEqual(facts);
      expect(comparisons).toEqual([
        { skipped: 'classifier_unavailable' },
        { skipped: 'excluded_category' },
      ]);
    },
  );

  it('facts that cost no model call are left to another attempt', async () => {
    const found = { ...extracted(facts), llmCalls: 0 };
    await expect(compare(new EmptyStore(), found)).rejects.toBe(REFUSED);
  });

  it('a stopped job ends with the reason of its signal', async () => {
    const found = { ...extracted(facts), llmCalls: 1 };
    const reason = new Error('Stopped.');
    await expect(compare(new EmptyStore(), found, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

const spent = (owner: AccountSpending['owner'], llmCalls: number): AccountSpending => ({
  owner,
  llmCalls,
  usage: { inputTokens: llmCalls * 100, outputTokens: llmCalls * 10 },
});

describe('addSpending', () => {
  it('adds up the spending of one account, and keeps two accounts apart', () => {
    expect(addSpending([spent('caller', 2)], spent('caller', 3))).toEqual([spent('caller', 5)]);
    expect(addSpending([spent('caller', 2)], spent('bundled', 3))).toEqual([
      spent('caller', 2),
      spent('bundled', 3),
    ]);
    expect(addSpending([], spent('bundled', 1))).toEqual([spent('bundled', 1)]);
  });

  it('has no entry for an account without calls', () => {
    expect(addSpending([spent('caller', 2)], spent('bundled', 0))).toEqual([spent('caller', 2)]);
  });
});
