import { callingAccount } from '@app/egress';

/** Steps that wait, for each account in the order of their arrival. The next account to have a turn comes first. */
const waiting = new Map<string, (() => void)[]>();

/**
 * Waits until this process may begin a long synchronous step for the account that calls. The event loop lets one waiting
 * step go in each of its turns, of each account in turn: a hundred answers of one account that arrive together would
 * otherwise be read in one go, and every other job of the worker would wait for all of them.
 */
export function loopTurn(): Promise<void> {
  const account = callingAccount();
  const turn = Promise.withResolvers<void>();
  const isFirst = waiting.size === 0;
  const steps = waiting.get(account);
  if (steps) steps.push(turn.resolve);
  else waiting.set(account, [turn.resolve]);
  if (isFirst) setImmediate(letNextGo);
  return turn.promise;
}

function letNextGo(): void {
  const [next] = waiting;
  if (!next) return;
  const [account, steps] = next;
  steps.shift()?.();
  waiting.delete(account);
  if (steps.length > 0) waiting.set(account, steps);
  if (waiting.size > 0) setImmediate(letNextGo);
}
