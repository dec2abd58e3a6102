import { callingAccount } from '@app/egress';

/** The waiting steps of each account, in the order of arrival. The first account in the map gets the next turn. */
const waiting = new Map<string, (() => void)[]>();

/**
 * Waits until this process may begin a long synchronous step for the calling account. Each turn of the event loop starts one
 * waiting step, and the accounts take turns. Otherwise a hundred answers of one account that arrive together would be read
 * without a pause, and every other job of the worker would wait for all of them.
 */
export function waitForLoopTurn(): Promise<void> {
  const account = callingAccount();
  const turn = Promise.withResolvers<void>();
  const isFirst = waiting.size === 0;
  const steps = waiting.get(account);
  if (steps) steps.push(turn.resolve);
  else waiting.set(account, [turn.resolve]);
  if (isFirst) setImmediate(startNext);
  return turn.promise;
}

function startNext(): void {
  const [next] = waiting;
  if (!next) return;
  const [account, steps] = next;
  steps.shift()?.();
  waiting.delete(account);
  if (steps.length > 0) waiting.set(account, steps);
  if (waiting.size > 0) setImmediate(startNext);
}
