import { addTokens } from '@app/llm-providers';
import type { AccountSpending } from '@app/memory';

/** One entry for each owner: a write may be extracted on its caller's account and classified on ours. */
export function addSpending(
  spent: readonly AccountSpending[],
  more: AccountSpending,
): readonly AccountSpending[] {
  if (more.llmCalls === 0) return spent;
  const known = spent.find(({ owner }) => owner === more.owner);
  if (known === undefined) return [...spent, more];
  const sum = {
    owner: known.owner,
    llmCalls: known.llmCalls + more.llmCalls,
    usage: {
      inputTokens: addTokens(known.usage.inputTokens, more.usage.inputTokens),
      outputTokens: addTokens(known.usage.outputTokens, more.usage.outputTokens),
    },
  };
  return spent.map((one) => (one === known ? sum : one));
}
