import dns, { type LookupAddress } from 'node:dns';

import { AccountSemaphore } from './account-semaphore.js';

/**
 * The error for a name that does not resolve, whose name server does not answer, or that has a refused address. The caller
 * gets the same error for all three: a difference would reveal which names exist inside the network.
 */
export class Unreachable extends Error {
  readonly code = 'ENOTFOUND';

  constructor() {
    super('getaddrinfo ENOTFOUND');
  }
}

/** Timeout of the first try. It doubles with each further try. */
const FIRST_TRY_MS = 700;
const TRIES = 3;
/**
 * After one family has addresses, the answer for the other family must arrive within this time. RFC 8305 §3 calls this the
 * resolution delay and recommends 50 ms.
 */
const OTHER_FAMILY_WITHIN_MS = 250;

/**
 * Asks the name servers of resolv.conf for the addresses of both families at once; the IPv4 addresses come first in the
 * result. Node's `dns.lookup` is not used: until the name server answers, it blocks a thread of the pool that all look-ups
 * of this process share. Each look-up has its own resolver: it reads resolv.conf again, can be cancelled alone, and a timeout
 * of one name does not make the server count as slow for another name. /etc/hosts and the search domains are not read.
 * @param servers instead of those of resolv.conf.
 * @returns an empty list if the name has no address, or if no server answers within `withinMs`.
 */
async function askNameServers(
  hostname: string,
  withinMs: number,
  servers: readonly string[] | undefined,
): Promise<readonly LookupAddress[]> {
  const resolver = new dns.promises.Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  const families = [
    addressesOf(resolver.resolve4(hostname), 4),
    addressesOf(resolver.resolve6(hostname), 6),
  ];
  const cancel = (): void => resolver.cancel();
  let timer = setTimeout(cancel, withinMs);
  const [first] = await Promise.race(families);
  if (first) {
    clearTimeout(timer);
    timer = setTimeout(cancel, OTHER_FAMILY_WITHIN_MS);
  }
  const found = await Promise.all(families);
  clearTimeout(timer);
  return found.flat();
}

const addressesOf = (answer: Promise<string[]>, family: 4 | 6): Promise<LookupAddress[]> =>
  answer.then(
    (addresses) => addresses.map((address) => ({ address, family })),
    // c-ares reports an error for a family without addresses, and for a server that does not answer.
    () => [],
  );

const LOOKUP_WITHIN_MS = 3_000;
/** A caller may choose names for which no server answers. Each such look-up runs until its timeout. */
const MAX_LOOKUPS_PER_ACCOUNT = 16;
/**
 * A failed name is not looked up again for this long. Otherwise forty jobs with nine attempts each would look it up 360
 * times.
 */
const FAILURE_KEPT_MS = 5_000;
const MAX_KEPT_FAILURES = 10_000;
/** A name has at most 255 bytes on the wire (RFC 1035 §2.3.4), which are 253 characters of text. */
const MAX_NAME_CHARACTERS = 253;

/** RFC 6761 §6.3: no name server is asked for this name. */
const LOCALHOST: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

export interface LookupOwner {
  readonly account: string;
  /** Whether the operator listed the host. A listed name may exist only in /etc/hosts or in the container network. */
  readonly isListed: boolean;
}

/**
 * Finds the addresses of host names. A host that the operator listed is looked up by the system. Any other name is looked
 * up at the name servers directly, within a bound for each account. Simultaneous requests for one name share one look-up, so
 * a listed host occupies at most one thread of the pool. Addresses are not cached: the egress checks the addresses of each
 * connection.
 */
export class NameLookups {
  readonly #permits = new AccountSemaphore(MAX_LOOKUPS_PER_ACCOUNT);
  readonly #running = new Map<string, Promise<readonly LookupAddress[]>>();
  /** For each failed name, the time in milliseconds until which it is not looked up again. The oldest failure comes first. */
  readonly #failedUntil = new Map<string, number>();

  /** @param servers instead of those of resolv.conf: `address:port`. */
  constructor(private readonly servers?: readonly string[]) {}

  /** @throws Unreachable if no address was found within 3 s, the wait for a permit included. */
  async addressesOf(
    hostname: string,
    { account, isListed }: LookupOwner,
  ): Promise<readonly LookupAddress[]> {
    if (hostname === 'localhost') return LOCALHOST;
    const name = `${isListed ? 'listed' : 'public'} ${hostname}`;
    if (hostname.length > MAX_NAME_CHARACTERS || this.#hasFailed(name)) throw new Unreachable();
    const timeout = AbortSignal.timeout(LOOKUP_WITHIN_MS);
    const begun = this.#running.get(name) ?? this.#begin(name, isListed, account, timeout);
    const found = await orEmpty(begun, timeout);
    if (found.length === 0) throw new Unreachable();
    return found;
  }

  /**
   * Starts a look-up, or joins one of the same name that began while this one waited for its permit. A look-up enters `#running`
   * only when it has its permit, so an account with many waiting look-ups does not delay another account.
   */
  async #begin(
    name: string,
    isListed: boolean,
    account: string,
    signal: AbortSignal,
  ): Promise<readonly LookupAddress[]> {
    const hostname = name.slice(name.indexOf(' ') + 1);
    if (isListed) return this.#run(name, askSystem(hostname));
    const permit = await this.#permits.acquire(account, signal);
    if (!permit) return [];
    const begun = this.#hasFailed(name) ? Promise.resolve([]) : this.#running.get(name);
    if (begun) {
      permit[Symbol.dispose]();
      return begun;
    }
    // The look-up is not cancelled when its first caller gives up: other callers may have joined, and a failure is kept.
    const asked = askNameServers(hostname, LOOKUP_WITHIN_MS, this.servers);
    return this.#run(
      name,
      asked.finally(() => permit[Symbol.dispose]()),
    );
  }

  #run(name: string, asked: Promise<readonly LookupAddress[]>): Promise<readonly LookupAddress[]> {
    const running = asked
      .catch(() => [])
      .then((found) => {
        this.#running.delete(name);
        if (found.length === 0) this.#noteFailure(name);
        return found;
      });
    this.#running.set(name, running);
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
    if (this.#failedUntil.size > MAX_KEPT_FAILURES && oldest !== undefined)
      this.#failedUntil.delete(oldest);
  }
}

/** The system's look-up: it reads /etc/hosts and the search domains, and occupies a thread of the pool. */
function askSystem(hostname: string): Promise<LookupAddress[]> {
  const { promise, resolve, reject } = Promise.withResolvers<LookupAddress[]>();
  dns.lookup(hostname, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  return promise;
}

/** @returns an empty list once `signal` aborts. */
async function orEmpty(
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
