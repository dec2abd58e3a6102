import { AsyncLocalStorage } from 'node:async_hooks';

const accounts = new AsyncLocalStorage<string>();

/**
 * Runs `work` for an account. Its look-ups of host names count towards the bound of this account, and its long steps wait for
 * the turn of this account.
 */
export function runForAccount<Result>(accountId: string, work: () => Result): Result {
  return accounts.run(accountId, work);
}

/** The account of the running call. All calls outside of `runForAccount` share one account with an empty name. */
export const callingAccount = (): string => accounts.getStore() ?? '';
