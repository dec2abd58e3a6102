import dns from 'node:dns';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { NameLookups } from './name-lookups.js';
import { type NameServer, startNameServer } from './testing/name-server.js';

const FOUND: Record<string, readonly string[]> = {
  'both.example.org': ['192.0.2.1', '2001:db8::1'],
  'v6.example.org': ['2001:db8::2'],
};
/** Names that the server does not answer: more than one account may look up at the same time. */
const SILENT = Array.from({ length: 40 }, (_, index) => `${index}.silent.example.org`);

let server: NameServer;
let lookups: NameLookups;

beforeAll(async () => {
  server = await startNameServer((name) => {
    if (name.endsWith('.silent.example.org')) return undefined;
    return FOUND[name] ?? [];
  });
});
beforeEach(() => {
  lookups = new NameLookups([server.address]);
  server.asked.length = 0;
});
afterAll(() => server.close());

const look = (hostname: string, account = 'a'): Promise<unknown> =>
  lookups.addressesOf(hostname, { account, isListed: false });

/** The duration of a promise in milliseconds, whether or not it fails. */
async function durationOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work.catch(() => undefined);
  return performance.now() - began;
}

describe('looking up a name', () => {
  it('finds the addresses of both families, IPv4 first', async () => {
    expect(await look('both.example.org')).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
    expect(await look('v6.example.org')).toEqual([{ address: '2001:db8::2', family: 6 }]);
  });

  it('fails in the same way for an unknown name and for a server that does not answer', async () => {
    const failure = { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND' };
    await expect(look('missing.example.org')).rejects.toMatchObject(failure);
    await expect(look('1.silent.example.org')).rejects.toMatchObject(failure);
  });

  it('sends no query for localhost or for a name that is too long', async () => {
    expect(await look('localhost')).toContainEqual({ address: '127.0.0.1', family: 4 });
    await expect(look(`${'a.'.repeat(200)}org`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(server.asked).toEqual([]);
  });

  it('keeps a failure for some seconds and does not keep addresses', async () => {
    for (const name of ['missing.example.org', 'missing.example.org'])
      await look(name).catch(() => undefined);
    expect(server.asked).toHaveLength(2);
    for (const name of ['both.example.org', 'both.example.org']) await look(name);
    expect(server.asked).toHaveLength(6);
  });

  it('makes one look-up for simultaneous requests of the same name', async () => {
    await Promise.all(['a', 'b', 'c', 'a'].map((account) => look('both.example.org', account)));
    expect(server.asked).toHaveLength(2);
  });
});

describe('look-ups without an answer', () => {
  it('are limited per account, fail within seconds, and delay neither other accounts nor the system', async () => {
    const silent = Promise.all(SILENT.map((name) => durationOf(look(name, 'attacker'))));
    await delay(200);
    const asked = new Set(server.asked);
    const others = await Promise.all([
      durationOf(look('both.example.org', 'other')),
      durationOf(dns.promises.lookup('localhost')),
    ]);
    expect(asked.size).toBe(16);
    for (const took of others) expect(took).toBeLessThan(2_000);
    for (const took of await silent) expect(took).toBeLessThan(6_000);
  });

  it('of one account do not delay another account that looks up the same name', async () => {
    const silent = SILENT.slice(0, 16).map((name) => durationOf(look(name, 'attacker')));
    await delay(50);
    const own = durationOf(look('both.example.org', 'attacker'));
    await expect(look('both.example.org', 'other')).resolves.toHaveLength(2);
    expect(await own).toBeGreaterThan(2_000);
    await Promise.all(silent);
  });
});
