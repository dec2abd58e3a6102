import dns from 'node:dns';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type ByoBench, startByo } from '../support/byo.js';
import { inLanes } from '../support/in-lanes.js';

const REQUESTS = 1_000;

/** Each word is in every request of its caller, and in none of the other caller. */
const CALLERS = [
  { key: 'sk-byo-first-4c1f9a70bb23d815', word: 'aubergine' },
  { key: 'sk-byo-second-90e2d7715fa8c64b', word: 'bergamot' },
] as const;

/** Whatever an operator's shell may hold. Here not even the workers' own forgetting helps: the modules run in this process. */
const POISON = {
  OPENAI_API_KEY: 'poison',
  OPENAI_ADMIN_KEY: 'poison',
  OPENAI_ORG_ID: 'poison',
  OPENAI_PROJECT_ID: 'poison',
  OPENAI_BASE_URL: 'http://127.0.0.1:9/poison',
  OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer poison\nUser-Agent: poison',
  ANTHROPIC_API_KEY: 'poison',
  ANTHROPIC_AUTH_TOKEN: 'poison',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/poison',
  ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: poison\nanthropic-beta: poison',
  AZURE_OPENAI_API_KEY: 'poison',
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9/poison',
  AWS_ACCESS_KEY_ID: 'poison',
  AWS_SECRET_ACCESS_KEY: 'poison',
  AWS_SESSION_TOKEN: 'poison',
  GOOGLE_API_KEY: 'poison',
  GOOGLE_APPLICATION_CREDENTIALS: '/poison.json',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  ALL_PROXY: 'http://127.0.0.1:9',
};

/** The only headers that a request may have: those of HTTP, those of the API, and the caller's key. */
const SENT =
  /^(host|connection|content-length|accept|accept-language|accept-encoding|sec-fetch-mode|content-type|user-agent|authorization|x-api-key|api-key|anthropic-version)$/;

let byo: ByoBench;
const statuses = new Map<number, number>();

beforeAll(async () => {
  for (const [name, value] of Object.entries(POISON)) {
    vi.stubEnv(name, value);
    vi.stubEnv(name.toLowerCase(), value);
  }
  byo = await startByo({ DATABASE_POOL_SIZE: '16', LLM_TIMEOUT_MS: '20000' });
  const apiKeys = [await byo.gateway.makeKey({}), await byo.gateway.makeKey({})];
  for (const { word } of CALLERS)
    await byo.gateway.send('/agent/memories', { body: { content: `Dana grows ${word}.` } });
  const requests = Array.from({ length: REQUESTS }, (_, index) => index);
  await inLanes(40, requests, async (index) => {
    const caller = CALLERS[index % 2]!;
    const apiKey = apiKeys[index % 2]!;
    const llm = byo.llm('openai', 'gpt-4.1', caller.key);
    // Two calls of each kind in turn, so that both callers do both.
    const { path, body } =
      index % 4 < 2
        ? {
            path: '/agent/memories',
            body: {
              messages: [
                { role: 'user', name: 'Dana', content: `I grow ${caller.word} ${index}.` },
              ],
              tenant_id: `t-${index}`,
              llm,
            },
          }
        : { path: '/agent/query', body: { question: `Does Dana grow ${caller.word}?`, llm } };
    const { status } = await byo.call(path, { body, apiKey });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await byo.close();
});

describe(`${REQUESTS} interleaved requests of two callers to one host and model`, () => {
  it('all succeed', () => {
    expect([...statuses]).toEqual([[200, REQUESTS]]);
  });

  it('send each text with the key of its own caller', () => {
    const { calls } = byo.providers;
    expect(calls.length).toBeGreaterThanOrEqual(REQUESTS);
    const foreign = calls.filter(({ headers, body }) => {
      const caller = CALLERS.find(({ key }) => headers.authorization === `Bearer ${key}`);
      const said = JSON.stringify(body);
      // A question is asked over all memories of the tenant; what tells whose it is, is the question.
      const asked = /Does Dana grow (\w+)\?/.exec(said)?.[1] ?? /I grow (\w+) \d+/.exec(said)?.[1];
      return caller === undefined || asked !== caller.word;
    });
    expect(foreign).toEqual([]);
  });

  it('contain only what the caller gave, although the environment is full of provider settings', () => {
    const names = new Set(byo.providers.calls.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].filter((name) => !SENT.test(name))).toEqual([]);
    expect(JSON.stringify(byo.providers.calls)).not.toMatch(/poison/i);
  });

  it('do not call the operator’s account', () => {
    expect(byo.bundled.calls).toEqual([]);
  });
});

describe('a call to another provider API in that environment', () => {
  it.each(['anthropic', 'azure', 'compat/vllm'] as const)(
    'contains only what the caller gave: %s',
    async (shape) => {
      byo.providers.reset();
      const { key } = CALLERS[0];
      const { status } = await byo.call('/agent/memories', {
        body: {
          messages: [{ role: 'user', content: 'I grow thyme.' }],
          tenant_id: shape.replace('/', '-'),
          llm: byo.llm(shape, 'some-model', key),
        },
      });
      expect(status).toBe(200);
      const [{ headers } = { headers: {} }] = byo.providers.calls;
      expect(Object.keys(headers).filter((name) => !SENT.test(name))).toEqual([]);
      expect(JSON.stringify(headers)).toContain(key);
      expect(JSON.stringify(byo.providers.calls)).not.toMatch(/poison/i);
    },
  );
});

describe('a base_url', () => {
  it.each([
    ['without a key', { provider: 'openai', model: 'm', base_url: 'https://llm.example.org/v1' }],
    [
      'with an empty key',
      { provider: 'openai', model: 'm', key: '', base_url: 'https://llm.example.org' },
    ],
    [
      'with null for a key',
      { provider: 'openai', model: 'm', key: null, base_url: 'https://x.example.org' },
    ],
  ])('%s is rejected before any call', async (_title, llm) => {
    byo.providers.reset();
    for (const [path, body] of [
      ['/agent/memories', { messages: [{ role: 'user', content: 'Hi.' }], llm }],
      ['/agent/memories', { content: 'Hi.', llm }],
      ['/agent/query', { question: 'Hi?', llm }],
    ] as const) {
      const { status, json } = await byo.call(path, { body });
      expect({ status, code: json.code }).toEqual({ status: 400, code: 'llm_invalid_request' });
    }
    expect([...byo.providers.calls, ...byo.bundled.calls]).toEqual([]);
  });
});

describe('the address that a host name resolves to', () => {
  const FOUND: Readonly<Record<string, string[] | undefined>> = {
    'nobody.example.org': undefined,
    'inside.example.org': ['10.0.0.7'],
    'loopback.example.org': ['127.0.0.1'],
    'metadata.example.org': ['169.254.169.254'],
    'both.example.org': ['8.8.8.8', '127.0.0.1'],
  };

  it('cannot be read from the answer', async () => {
    vi.spyOn(dns.promises.Resolver.prototype, 'resolve4').mockImplementation((name: string) =>
      FOUND[name]
        ? Promise.resolve(FOUND[name])
        : Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    );
    const answers = await Promise.all(
      Object.keys(FOUND).map(async (host) => {
        const llm = {
          provider: 'openai',
          model: 'm',
          key: CALLERS[0].key,
          base_url: `https://${host}:8443/v1`,
        };
        const body = { messages: [{ role: 'user', content: 'I grow thyme.' }], llm };
        const { status, headers, json } = await byo.call('/agent/memories', { body });
        const { request_id: _own, detail, ...rest } = json;
        // The caller's own words for the address are all that differs.
        const problem = { ...rest, detail: detail.replace(host, 'the host') };
        return { status, names: Object.keys(headers).toSorted(), problem };
      }),
    );
    vi.restoreAllMocks();
    expect(answers[0]).toMatchObject({
      status: 503,
      problem: { code: 'llm_unavailable', detail: expect.stringContaining('at the host:8443') },
    });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
