import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';

import { type AccountBench, type Holdings, makeAccountBench } from '../support/account-bench.js';
import { type DescribedRoute, describedRoutes } from '../support/described-routes.js';
import { type Received, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { kindOf, requestFor, urlOf } from '../support/route-requests.js';

/** These ask a provider, and no worker runs here to do it. */
const WAITS_FOR_WORKERS = ['POST /llm/verify'];
/** Takes `llm` alone, as the document says: anything else is refused in any case. */
const STRICT_BODIES = ['POST /llm/verify'];
const END_USERS = ['user_id', 'userId', 'agent-id', 'runId', 'containerTags', 'tennant_id'];
const OLLAMA = { provider: 'openai', model: 'm', key: 'ollama' };
const SENTENCE = 'for one end user use `tenant_id`';

let routes: readonly DescribedRoute[];
let account: AccountBench;
let held: Holdings;
let spare: Holdings;

const gateway = await perFile(startGateway({ SYNC_WAIT_MS: '20', BUNDLED_LLM: 'true' }));

beforeAll(async () => {
  routes = (await describedRoutes(gateway.app)).filter(({ access }) => access !== 'anybody');
  account = await makeAccountBench(gateway);
  held = await account.hold(null);
  // Another account's: what is changed or revoked here belongs to no caller of these tests.
  spare = await (await makeAccountBench(gateway)).hold();
});

interface Added {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly isStrict?: boolean;
}

/** A request that the route takes, and something that it does not. */
async function send(route: DescribedRoute, added: Added): Promise<Received> {
  const request = requestFor(route, { memory: held.ids.memory[0]! });
  const hasBody = request.body !== undefined || added.body !== undefined;
  const body = hasBody ? { ...(request.body as object | undefined), ...added.body } : undefined;
  const query = { ...request.query, ...added.query };
  return gateway.send(urlOf(route, await idFor(route), { query }), {
    method: route.method,
    key: route.access === 'operator' ? gateway.adminToken : account.key,
    headers: { prefer: added.isStrict ? 'respond-async, handling=strict' : 'respond-async' },
    ...(body && { body }),
  });
}

async function idFor(route: DescribedRoute): Promise<string> {
  const kind = kindOf(route);
  if (kind === undefined) return '';
  if (kind === 'memory' && route.method !== 'GET') {
    const body = { content: `Something to change: ${randomUUID()}` };
    return (await account.send('/agent/memories', { body })).json.memory_id;
  }
  return (kind === 'account' || kind === 'apiKey' ? spare : held).ids[kind][0]!;
}

const takesBody = ({ method }: DescribedRoute): boolean => method !== 'GET';

/** The fault of the answers to a request with one unknown field; undefined when they are correct. */
async function faultOf(
  route: DescribedRoute,
  place: 'query' | 'body',
  index: number,
): Promise<string | undefined> {
  const says = (what: string, { status, json }: Received): string =>
    `${route.name}, ${what} in the ${place}: ${status} ${JSON.stringify(json)}`;
  const add = (name: string, isStrict = false): Promise<Received> =>
    send(route, { [place]: { [name]: 'ada' }, isStrict });

  const mild = await add('mood');
  const warnings = [{ path: '/mood', message: 'is not known and was ignored' }];
  if (place === 'body' && STRICT_BODIES.includes(route.name)) {
    if (mild.status !== 400) return says('an unknown name', mild);
  } else if (mild.status < 300) {
    if (JSON.stringify(mild.json.warnings) !== JSON.stringify(warnings))
      return says('an unknown name', mild);
  } else if (mild.status < 404) {
    return says('an unknown name', mild);
  } else if (mild.status > 409 && !WAITS_FOR_WORKERS.includes(route.name)) {
    return says('an unknown name', mild);
  }
  const strict = await add('mood', true);
  if (!isRefused(strict, '/mood', 'is not')) return says('an unknown name, strictly', strict);
  const name = END_USERS[index % END_USERS.length]!;
  const user = await add(name);
  return isRefused(user, `/${name}`, SENTENCE) ? undefined : says(name, user);
}

function isRefused({ status, json }: Received, path: string, message: string): boolean {
  if (status !== 400 || json.warnings !== undefined) return false;
  const errors = json.errors as readonly { path: string; message: string }[];
  return (
    json.detail.includes(`\`${path}\` `) &&
    errors.some((fault) => fault.path === path && fault.message.includes(message))
  );
}

const write = () => ({ content: `Ada sails: ${randomUUID()}` });

describe('an unknown field or parameter', () => {
  it.each(['query', 'body'] as const)(
    'in the %s of any route is reported, rejected under strict handling, and matches no memory of others',
    async (place) => {
      const faults: string[] = [];
      for (const [index, route] of routes.entries()) {
        if (place === 'body' && !takesBody(route)) continue;
        faults.push(...[(await faultOf(route, place, index)) ?? []].flat());
      }
      expect(faults).toEqual([]);
      expect(routes.length).toBeGreaterThan(25);
    },
    240_000,
  );

  it('is ignored by probes', async () => {
    for (const url of ['/health/live?user_id=ada', '/docs/errors?user_id=ada', '/openapi.json?a=1'])
      expect(await gateway.send(url)).toMatchObject({ status: 200 });
  });

  it('is reported again in a replay, and never rejected there', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { content: `Ada sails: ${randomUUID()}`, mood: 'good' };
    const first = await account.send('/agent/memories', { body, headers });
    expect(first.json.warnings).toEqual([
      { path: '/mood', message: 'is not known and was ignored' },
    ]);
    const again = await account.send('/agent/memories', {
      body,
      headers: { ...headers, prefer: 'handling=strict' },
    });
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } });
    expect(again.json).toEqual(first.json);
  });

  it('in an item of a batch is reported by its place, and strict handling rejects that item alone', async () => {
    const writes = [write(), { ...write(), mood: 1 }, { ...write(), user_id: 'ada' }];
    const { status, json } = await account.send('/agent/memories/batch', { body: { writes } });
    expect(status).toBe(202);
    expect(json.warnings).toEqual([
      { path: '/writes/1/mood', message: 'is not known and was ignored' },
    ]);
    expect(json.results).toMatchObject([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'refused', problem: { errors: [{ path: '/writes/2/user_id' }] } },
    ]);
  });

  it('in a batch is reported in a replay, items of either mode included', async () => {
    const messages = [{ role: 'user', content: 'I sail.', mood: 1 }];
    const llm = { provider: 'openai', model: 'm', key: 'sk-unknown-0123456789' };
    const body = {
      writes: [
        { messages, topic: 'Home', llm },
        { ...write(), mood: 1 },
      ],
      note: 1,
    };
    const sent = { body, headers: { 'idempotency-key': randomUUID() } };
    const first = await account.send('/agent/memories/batch', sent);
    expect(first.json.warnings).toHaveLength(4);
    const again = await account.send('/agent/memories/batch', sent);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(new Set(again.json.warnings)).toEqual(new Set(first.json.warnings));
  });

  it('is reported without its name when the name contains the key of llm', async () => {
    const body = { question: 'Where?', llm: OLLAMA, ollama: 1 };
    const sent = { body, headers: { prefer: 'respond-async' } };
    const { status, json } = await account.send('/agent/query', sent);
    expect(status).toBe(202);
    expect(json.warnings).toEqual([
      { path: '', message: 'has a field that is not known and was ignored' },
    ]);
  });

  it.each<[string, string, object]>([
    ['a parameter', '/agent/query?ollama=1', { question: 'Where?', llm: OLLAMA }],
    ['a parameter of a batch', '/agent/memories/batch?ollama=1', { writes: [{}], llm: OLLAMA }],
    ['a field of llm', '/agent/query', { question: 'Where?', llm: { ...OLLAMA, ollama: 1 } }],
    [
      'a field of llm in a batch',
      '/agent/memories/batch',
      { writes: [{ content: 'x', llm: { ...OLLAMA, ollama: 1 } }] },
    ],
  ])(
    'is reported without its name when the name contains the key: %s',
    async (_where, url, body) => {
      for (const prefer of ['respond-async', 'respond-async, handling=strict']) {
        const { json } = await account.send(url, { body, headers: { prefer } });
        expect(JSON.stringify(json)).toMatch(/has a field that is not known/);
        expect(JSON.stringify(json)).not.toContain('ollama');
      }
    },
  );

  it('in a batch under strict handling rejects the batch, and the answer names the preference', async () => {
    const prefer = 'respond-async, handling=strict';
    const sent = { body: { writes: [write()] }, headers: { prefer } };
    const { status, headers } = await account.send('/agent/memories/batch', sent);
    expect([status, headers['preference-applied']]).toEqual([202, prefer]);
  });
});

describe('a query string', () => {
  it.each<[string, string]>([
    ['a parameter twice', 'limit=1&limit=2'],
    ['a parameter of an object twice', 'metadata[a]=1&metadata[a]=2'],
    ['a tenant twice', 'tenant_id=a&tenant_id=b'],
    ['very many parameters', Array.from({ length: 300 }, (_, at) => `p${at}`).join('&')],
    ['one parameter very often', Array(300).fill('source=a').join('&')],
    ['a very long name', `${'x'.repeat(400)}=1`],
    ['a tenant as a list', 'tenant_id[]=a'],
    ['an end user as an item of a list', 'user_id[0]=a'],
    ['an end user in a comparison', 'user_id[eq]=a'],
    ['an end user in a filter', 'filters[user_id]=a'],
  ])('with %s is refused', async (_what, query) => {
    expect(await account.send(`/agent/memories?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });

  it('may repeat a list parameter', async () => {
    const { status, json } = await account.send('/agent/memories?source=a&source=b&limit=1');
    expect([status, json.warnings]).toEqual([200, undefined]);
  });
});

describe('a body with very many values', () => {
  it.each<[string, string, string]>([
    ['a field that is not known', '/agent/memories', `{"content":"b","pad":[${pads(600_000)}]}`],
    ['a known field', '/agent/search', `{"question":"b","sources":[${pads(600_000)}]}`],
    ['a batch', '/agent/memories/batch', `{"writes":[{"content":"b"}],"pad":[${pads(2_000_000)}]}`],
    ['a route that takes none', '/memories/x/restore', `[${pads(500_000)}]`],
  ])('is refused before it is parsed: %s', async (_what, url, body) => {
    const { status, json } = await account.send(url, { body, method: 'POST' });
    expect(status).toBe(400);
    expect(json.errors).toEqual([
      { path: '', message: expect.stringMatching(/^must hold at most [\d,]+ values$/) },
    ]);
  });

  it('of one message is rejected for their number alone', async () => {
    const content = `[${Array(50_000).fill('1').join(',')}]`;
    const body = `{"messages":[{"role":"user","content":${content}}]}`;
    const { status, json } = await account.send('/agent/memories', { body });
    expect(status).toBe(400);
    expect(json.errors).toEqual([
      { path: '/messages/0/content', message: 'must hold at most 1000 parts' },
    ]);
  });
});

describe('a body with very many faults', () => {
  const wrong = `{"role":"user","content":[${Array(1_000).fill('{}').join(',')}]}`;
  const message = 'is required';

  it('gets the first ones in its problem', async () => {
    const { status, json } = await account.send('/agent/memories', {
      body: `{${messagesOf(wrong, 48)}}`,
    });
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path: '/messages/0/content/0/type', message }]);
  });

  it('gets the first ones of an item of a batch', async () => {
    const body = `{"writes":[{${messagesOf(wrong, 480)}},{"content":"${randomUUID()}"}]}`;
    const { status, json } = await account.send('/agent/memories/batch', { body });
    expect(status).toBe(202);
    const [refused, accepted] = json.results;
    expect(accepted.status).toBe('accepted');
    expect(refused.problem.errors).toEqual([
      { path: '/writes/0/messages/0/content/0/type', message },
    ]);
  });
});

it.each(['[{"user_id":"ada"}]', '"user_id"', '7'])(
  'a route without a body rejects a value that is not an object: %s',
  async (body) => {
    const [id] = held.ids.memory;
    const { status, json } = await account.send(`/memories/${id}/restore`, { body });
    expect([status, json.errors]).toEqual([400, [{ path: '', message: 'must be an object' }]]);
  },
);

const messagesOf = (message: string, count: number): string =>
  `"messages":[${Array(count).fill(message).join(',')}]`;

const pads = (count: number): string => Array(count).fill('""').join(',');
