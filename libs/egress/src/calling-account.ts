import { AsyncLocalStorage } from 'node:async_hooks';

const accounts = new AsyncLocalStorage<string>();

/** Runs `work` for an account: the look-ups of host names in it count towards the bound of this account. */
export function runForAccount<Result>(accountId: string, work: () => Result): Result {
  return accounts.run(accountId, work);
}

/** The account of the running call. All calls outside of `runForAccount` share one account with an empty name. */
export const callingAccount = (): string => accounts.getStore() ?? '';
