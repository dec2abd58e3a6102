import { randomInt } from 'node:crypto';

import { QUOTA_SLOTS, type Spending, type SpendingOwner } from '@app/accounts';
import type { AccountSpending } from '@app/memory';

import { PERIOD, type Statements } from '../sql/statements.js';
import { storableCount } from '../sql/storable.js';

/** @param spent a SELECT or VALUES with the columns of a slot. Slots of several accounts or owners are locked in its order. */
export const recordSpendingOf = (spent: string): string => `
  insert into usage_slots as u (account_id, period, owner, slot, calls, input_tokens, output_tokens)
  ${spent}
      on conflict on constraint usage_slots_pk do update
     set calls = u.calls + excluded.calls, input_tokens = u.input_tokens + excluded.input_tokens,
         output_tokens = u.output_tokens + excluded.output_tokens`;

const RECORD = recordSpendingOf(`values ($1, ${PERIOD}, $2, $3, $4, $5, $6)`);

/** A column of type bigint can hold the sum of millions of such values. */
const MAX_AT_ONCE = 1e12;

/** Call it late in a transaction: it locks one usage slot of the account until the transaction ends. */
export async function recordUsage(
  statements: Statements,
  spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner },
): Promise<void> {
  const { accountId, owner, calls } = spent;
  if (calls === 0) return;
  const slot = randomInt(QUOTA_SLOTS);
  await statements.query(RECORD, [accountId, owner, slot, ...countsOf(spent)]);
}

const countsOf = ({
  calls,
  inputTokens,
  outputTokens,
}: Spending): readonly [number, number, number] => [
  storableCount(calls, MAX_AT_ONCE),
  storableCount(inputTokens, MAX_AT_ONCE),
  storableCount(outputTokens, MAX_AT_ONCE),
];

/** The spending of one write as rows of a list. */
export const spendingRows = (spent: readonly AccountSpending[]) =>
  spent
    .filter(({ llmCalls }) => llmCalls !== 0)
    .map(({ owner, llmCalls, usage }) => {
      const [calls, input_tokens, output_tokens] = countsOf({ calls: llmCalls, ...usage });
      return { owner, calls, input_tokens, output_tokens };
    });
