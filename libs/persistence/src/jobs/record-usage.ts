import { randomInt } from 'node:crypto';

import { QUOTA_SLOTS, type Spending, type SpendingOwner } from '@app/accounts';

import { PERIOD, type Statements } from '../sql/statements.js';
import { storableCount } from '../sql/storable.js';

const RECORD = `
  insert into usage_slots as u (account_id, period, owner, slot, calls, input_tokens, output_tokens)
  values ($1, ${PERIOD}, $2, $3, $4, $5, $6)
      on conflict on constraint usage_slots_pk do update
     set calls = u.calls + excluded.calls, input_tokens = u.input_tokens + excluded.input_tokens,
         output_tokens = u.output_tokens + excluded.output_tokens`;

/** A column of type bigint can hold the sum of millions of such values. */
const MAX_AT_ONCE = 1e12;

/** Call it late in a transaction: it locks one usage slot of the account until the transaction ends. */
export async function recordUsage(
  statements: Statements,
  spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner },
): Promise<void> {
  const { accountId, owner, calls, inputTokens, outputTokens } = spent;
  if (calls === 0) return;
  const slot = randomInt(QUOTA_SLOTS);
  const counts = [calls, inputTokens, outputTokens].map((count) =>
    storableCount(count, MAX_AT_ONCE),
  );
  await statements.query(RECORD, [accountId, owner, slot, ...counts]);
}
