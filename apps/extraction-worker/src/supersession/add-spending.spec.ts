import type { AccountSpending } from '@app/memory';
import { expect, it } from 'vitest';

import { addSpending } from './add-spending.js';

const spent = (owner: AccountSpending['owner'], llmCalls: number): AccountSpending => ({
  owner,
  llmCalls,
  usage: { inputTokens: llmCalls * 100, outputTokens: llmCalls * 10 },
});

it('adds what the same account spent, and keeps two accounts apart', () => {
  expect(addSpending([spent('caller', 2)], spent('caller', 3))).toEqual([spent('caller', 5)]);
  expect(addSpending([spent('caller', 2)], spent('bundled', 3))).toEqual([
    spent('caller', 2),
    spent('bundled', 3),
  ]);
  expect(addSpending([], spent('bundled', 1))).toEqual([spent('bundled', 1)]);
});

it('does not name an account that was not asked', () => {
  expect(addSpending([spent('caller', 2)], spent('bundled', 0))).toEqual([spent('caller', 2)]);
});
