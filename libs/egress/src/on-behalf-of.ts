import { AsyncLocalStorage } from 'node:async_hooks';

const accounts = new AsyncLocalStorage<string>();

/** Runs `work`; every name that its calls have to look up counts against the bound of this account. */
export function onBehalfOf<Result>(accountId: string, work: () => Result): Result {
  return accounts.run(accountId, work);
}

/** The account of the running call. Calls outside of `onBehalfOf` count as those of one account without a name. */
export const callingAccount = (): string => accounts.getStore() ?? '';
