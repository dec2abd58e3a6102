import dns from 'node:dns';
import { createServer, type Server, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { EgressPolicy, type EgressRules } from './egress-policy.js';
import { Egress } from './guarded-fetch.js';
import { forbiddenAddresses } from './testing/addresses.js';
import { goingBy, WAYS } from './testing/ways-out.js';
import { type NameServer, startNameServer } from './testing/name-server.js';

/** Two addresses of this machine that listen on the same port. Their counters show which address was called. */
const HOSTS = ['127.0.0.1', '127.0.0.2'] as const;
const met = { '127.0.0.1': 0, '127.0.0.2': 0 };
const servers: Server[] = [];
let port: number;

/** Every address to which this process tried to open a connection, whether or not a server listens there. */
const attempts: string[] = [];
const { value: connect } = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect') as {
  value: (...given: unknown[]) => Socket;
};
vi.spyOn(Socket.prototype, 'connect').mockImplementation(function watched(
  this: Socket,
  ...given: unknown[]
) {
  this.on('connectionAttempt', (address: string) => attempts.push(address));
  return Reflect.apply(connect, this, given);
});
/** The addresses that names resolve to: one entry for each look-up; the last entry is repeated. */
let answers: string[][];
let names: NameServer;
/** A listed host is looked up by the system. */
const lookup = vi.spyOn(dns, 'lookup');

function nextAnswer(): string[] {
  const [next = []] = answers;
  if (answers.length > 1) answers.shift();
  return next;
}

beforeAll(async () => {
  const halfAsked = new Map<string, string[]>();
  names = await startNameServer((name) => {
    const first = halfAsked.get(name);
    if (first) {
      halfAsked.delete(name);
      return first;
    }
    const answer = nextAnswer();
    halfAsked.set(name, answer);
    return answer;
  });
  for (const host of HOSTS) {
    const server = createServer((socket) => {
      met[host] += 1;
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok');
    });
    await new Promise<void>((listening) => {
      server.listen(port ?? 0, host, listening);
    });
    ({ port } = server.address() as AddressInfo);
    servers.push(server);
  }
});
beforeEach(() => {
  met['127.0.0.1'] = 0;
  met['127.0.0.2'] = 0;
  attempts.length = 0;
  names.asked.length = 0;
  answers = [];
  lookup.mockReset().mockImplementation(((_name: string, _options: unknown, callback: Callback) => {
    const next = nextAnswer();
    if (next.length === 0) return callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    callback(
      null,
      next.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as never);
});
afterEach(() => Promise.all(open.splice(0).map((egress) => egress.close())));
afterAll(async () => {
  vi.restoreAllMocks();
  await names.close();
  for (const server of servers) server.close();
});

type Callback = (error: Error | null, found?: { address: string; family: number }[]) => void;

const open: Egress[] = [];

const errorOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('The call did not fail.'),
    (error: unknown) => error as Error,
  );

/** The parts of an error that a caller may see. */
const shown = ({ name, message, cause }: Error): unknown => [
  name,
  message,
  (cause as { code?: string }).code,
];

const changing = (): string => `http://rebind.example.org:${port}/`;

const expectNoConnection = (): void => {
  expect(attempts).toEqual([]);
  expect(met).toEqual({ '127.0.0.1': 0, '127.0.0.2': 0 });
};

const corpus = Object.entries(forbiddenAddresses({ port: 0 })).flatMap(([why, urls]) =>
  urls.map((_url, index): [string, number] => [why, index]),
);
const urlAt = (why: string, index: number): string =>
  forbiddenAddresses({ port })[why]?.[index] ?? '';

describe.each(WAYS)('by %s', (way) => {
  const egressBy = (rules: EgressRules): ReturnType<typeof goingBy> => {
    const egress = new Egress(rules, [names.address]);
    open.push(egress);
    return goingBy(way, egress);
  };

  describe('a forbidden address', () => {
    it('is tested in more than a hundred different spellings', () => {
      const all = Object.values(forbiddenAddresses({ port })).flat();
      expect(new Set(all).size).toBe(all.length);
      expect(all.length).toBeGreaterThan(100);
    });

    it.each(corpus)('(%s, %i) is refused by its form', (why, index) => {
      const policy = new EgressPolicy({ mode: 'public', allowedHosts: [] });
      expect(() => policy.check(urlAt(why, index))).toThrow(
        expect.objectContaining({ code: 'llm_base_url_forbidden' }),
      );
      expectNoConnection();
    });

    // The connection is refused even if the form was not checked and the name resolves to the address of the servers.
    it.each(corpus)('(%s, %i) opens no socket', async (why, index) => {
      answers = [['127.0.0.1']];
      const { fetch } = egressBy(new EgressPolicy({ mode: 'public', allowedHosts: [] }));
      const error = await errorOf(fetch(urlAt(why, index)));
      expect(error.message).not.toBe('The call did not fail.');
      expectNoConnection();
    });
  });

  describe('a public name', () => {
    it.each([
      [['127.0.0.1']],
      [['10.0.0.7']],
      [['169.254.169.254']],
      [['::1']],
      [['fd00:ec2::254']],
      [['::ffff:127.0.0.1']],
      [['64:ff9b::7f00:1']],
      [['0.0.0.0']],
      // One bad address among good ones.
      [['8.8.8.8', '127.0.0.1']],
      [['2606:4700::1111', '::1']],
    ])('that resolves to %j opens no socket and fails like an unknown name', async (found) => {
      const { fetch } = egressBy(new EgressPolicy({ mode: 'public', allowedHosts: [] }));
      answers = [found];
      const refused = await errorOf(fetch('https://api.example.org:8443/v1'));
      expect(names.asked).toEqual(['api.example.org', 'api.example.org']);
      answers = [[]];
      const unknown = await errorOf(fetch('https://unknown.example.org:8443/v1'));
      expect(shown(refused)).toEqual(shown(unknown));
      expectNoConnection();
    });
  });

  describe('a name whose address changes between two look-ups', () => {
    const onlyFirst: EgressRules = {
      checkOrigin: () => undefined,
      permitsAddress: (_name, _port, address) => address === '127.0.0.1',
    };

    it('is looked up once and called at the checked address', async () => {
      answers = [['127.0.0.1'], ['127.0.0.2']];
      const answer = await egressBy(onlyFirst).fetch(changing());
      expect(await answer.text()).toBe('ok');
      expect(attempts).toEqual(['127.0.0.1']);
      expect(met).toEqual({ '127.0.0.1': 1, '127.0.0.2': 0 });
      expect(names.asked).toHaveLength(2);
    });

    it('is not called once it resolves to a refused address', async () => {
      answers = [['127.0.0.1'], ['127.0.0.2']];
      const { fetch } = egressBy(onlyFirst);
      await (await fetch(changing())).text();
      const error = await errorOf(fetch(changing()));
      expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
      expect(met).toEqual({ '127.0.0.1': 1, '127.0.0.2': 0 });
    });

    it('is not called at a metadata service, even if the operator listed the name', async () => {
      answers = [['169.254.169.254']];
      const allowedHosts = [`rebind.example.org:${port}`];
      const { fetch } = egressBy(new EgressPolicy({ mode: 'public', allowedHosts }));
      await errorOf(fetch(changing()));
      expectNoConnection();
      // The name itself is allowed, so it is called once it resolves to another address.
      answers = [['127.0.0.1']];
      expect((await fetch(changing())).status).toBe(200);
    });
  });
});
