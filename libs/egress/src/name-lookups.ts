import dns, { type LookupAddress } from 'node:dns';

import { AccountTurns } from './account-turns.js';
import { askNameServers } from './ask-name-servers.js';
import { Unreachable } from './unreachable.js';

const LOOKUP_WITHIN_MS = 3_000;
/** An account may choose names that no server answers; each such look-up lasts its full time. */
const MOST_FOR_AN_ACCOUNT = 16;
/** Nine attempts at each of forty jobs would otherwise look one silent name up 360 times. */
const FAILURE_KEPT_MS = 5_000;
const FAILURES_KEPT = 10_000;
/** RFC 1035 §2.3.4. */
const LONGEST_NAME = 253;

/** RFC 6761 §6.3: no name server is asked for this name. */
const LOCALHOST: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

export interface LookupOwner {
  readonly account: string;
  /** The operator listed the host: its name may be in /etc/hosts, or known to the container network alone. */
  readonly isListed: boolean;
}

/**
 * Finds the addresses of host names. A name that a caller chose is asked of the name servers directly, within a bound
 * for each account; a host that the operator listed is looked up as the system does. A name is looked up once at a time,
 * so a listed host holds at most one thread of the pool. Addresses are not kept: the caller checks what was just found.
 */
export class NameLookups {
  readonly #turns = new AccountTurns(MOST_FOR_AN_ACCOUNT);
  readonly #underWay = new Map<string, Promise<readonly LookupAddress[]>>();
  /** Until when each name counts as failed, the oldest failure first. */
  readonly #failedUntil = new Map<string, number>();

  /** @param servers instead of those of resolv.conf: `address:port`. */
  constructor(private readonly servers?: readonly string[]) {}

  /** @throws Unreachable when nothing was found within 3 s, the wait for a turn included. */
  async addressesOf(
    hostname: string,
    { account, isListed }: LookupOwner,
  ): Promise<readonly LookupAddress[]> {
    if (hostname === 'localhost') return LOCALHOST;
    const name = `${isListed ? 'listed' : 'public'} ${hostname}`;
    if (hostname.length > LONGEST_NAME || this.#hasFailed(name)) throw new Unreachable();
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), LOOKUP_WITHIN_MS);
    try {
      const begun =
        this.#underWay.get(name) ?? this.#begin(name, isListed, account, timeout.signal);
      const found = await orNothing(begun, timeout.signal);
      if (found.length === 0) throw new Unreachable();
      return found;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Another account joins a look-up once it runs, and never one that still waits for its account's turn. */
  async #begin(
    name: string,
    isListed: boolean,
    account: string,
    signal: AbortSignal,
  ): Promise<readonly LookupAddress[]> {
    const hostname = name.slice(name.indexOf(' ') + 1);
    if (isListed) return this.#run(name, askSystem(hostname));
    const turn = await this.#turns.take(account, signal);
    if (!turn) return [];
    const begun = this.#hasFailed(name) ? Promise.resolve([]) : this.#underWay.get(name);
    if (begun) {
      turn[Symbol.dispose]();
      return begun;
    }
    // It runs for its full time even if its first caller has waited longer: others may have joined, and a failure is kept.
    const asked = askNameServers(hostname, LOOKUP_WITHIN_MS, this.servers);
    return this.#run(
      name,
      asked.finally(() => turn[Symbol.dispose]()),
    );
  }

  #run(name: string, asked: Promise<readonly LookupAddress[]>): Promise<readonly LookupAddress[]> {
    const running = asked
      .catch(() => [])
      .then((found) => {
        this.#underWay.delete(name);
        if (found.length === 0) this.#noteFailure(name);
        return found;
      });
    this.#underWay.set(name, running);
    return running;
  }

  #hasFailed(name: string): boolean {
    const until = this.#failedUntil.get(name);
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.#failedUntil.delete(name);
    return false;
  }

  #noteFailure(name: string): void {
    this.#failedUntil.set(name, Date.now() + FAILURE_KEPT_MS);
    const [oldest] = this.#failedUntil.keys();
    if (this.#failedUntil.size > FAILURES_KEPT && oldest !== undefined)
      this.#failedUntil.delete(oldest);
  }
}

/** Reads /etc/hosts and the search domains, in a thread of the pool. */
function askSystem(hostname: string): Promise<LookupAddress[]> {
  const { promise, resolve, reject } = Promise.withResolvers<LookupAddress[]>();
  dns.lookup(hostname, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  return promise;
}

/** @returns nothing once `signal` aborts. */
async function orNothing(
  asked: Promise<readonly LookupAddress[]>,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly LookupAddress[]>();
  const giveUp = (): void => resolve([]);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([asked, late]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
