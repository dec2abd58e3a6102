import dns, { type LookupAddress } from 'node:dns';

/** The first wait for an answer; it doubles with each further try. */
const FIRST_TRY_MS = 700;
const TRIES = 3;
/** RFC 8305 §3: the addresses of one family do not wait long for those of the other. */
const OTHER_FAMILY_WITHIN_MS = 250;

/**
 * Asks the name servers of resolv.conf for the addresses of both families, IPv4 first. Node's `dns.lookup` would hold a
 * thread of the pool that every look-up of this process shares, for as long as a name server is silent. Each look-up has
 * a resolver of its own: it reads resolv.conf anew, can be cancelled alone, and one name's silence does not make a
 * server look slow to another name. It reads neither /etc/hosts nor the search domains.
 * @param servers instead of those of resolv.conf.
 * @returns nothing for a name that has no address, and where no server answers within `withinMs`.
 */
export async function askNameServers(
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
    // To c-ares a family without addresses is an error, as is a silent server.
    () => [],
  );
