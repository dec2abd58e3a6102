import { beforeAll, describe, expect, it } from 'vitest';

import { scenarioNames } from '../../scripts/simulator/index.js';
import { BUNDLED_KEY, type Shape, startByo } from '../support/byo.js';
import type { Received } from '../support/gateway.js';
import { inLanes } from '../support/in-lanes.js';
import { perFile } from '../support/per-file.js';
import { type Due, PROVIDER_ANSWERS, STATUS } from '../support/provider-answers.js';
import { WIRE_ANSWERS } from '../support/wire-answers.js';

type Kind = 'write' | 'query';

interface Case {
  readonly shape: Shape;
  readonly scenario: string;
  readonly kind: Kind;
  readonly due: Due;
  /** No other case has it: it identifies the calls of this case. */
  readonly key: string;
  readonly tenant: string;
}

const SHAPES = Object.keys(PROVIDER_ANSWERS) as Shape[];
/** Faults of the network are the same for every compatible server: one of them is enough. */
const WIRE_SHAPES: readonly Shape[] = ['openai', 'anthropic', 'azure', 'compat/vllm'];
const KINDS: readonly Kind[] = ['write', 'query'];

let count = 0;
const caseOf = (shape: Shape, scenario: string, kind: Kind, due: Due): Case => {
  count += 1;
  const key = `sk-byo-${String(count).padStart(5, '0')}x7f3a91c0de55aa17ZQ`;
  return { shape, scenario, kind, due, key, tenant: `case-${count}` };
};
const CASES: readonly Case[] = KINDS.flatMap((kind) => [
  ...SHAPES.flatMap((shape) =>
    Object.entries(PROVIDER_ANSWERS[shape] ?? {}).map(([name, due]) =>
      caseOf(shape, name, kind, due),
    ),
  ),
  ...WIRE_SHAPES.flatMap((shape) =>
    Object.entries(WIRE_ANSWERS).map(([name, { write, query }]) =>
      caseOf(shape, name, kind, kind === 'write' ? write : (query ?? write)),
    ),
  ),
]);

/** Of no concern to a caller: whose account at the provider it is, and where things live inside. */
const DISCLOSED =
  /org[-_](?!\w*anization)\w{6,}|4b6cfa2e-0000|proj_\w+|__cf_bm|cf-ray|x-ratelimit/i;
const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon last spring.' }];

const answers = new Map<Case, Received>();

/** Calls of one account at a time. On a busy machine none of them waits too long for a connection or for its provider. */
const LANES = 32;
const byo = await perFile(startByo({ DATABASE_POOL_SIZE: '16', LLM_TIMEOUT_MS: '8000' }));

beforeAll(async () => {
  await byo.gateway.send('/agent/memories', { body: { content: 'Dana works at Globex.' } });
  await inLanes(LANES, CASES, async (one) => {
    const llm = byo.llm(one.shape, `sim-${one.scenario}`, one.key);
    const asked =
      one.kind === 'write'
        ? { path: '/agent/memories', body: { messages: MESSAGES, tenant_id: one.tenant, llm } }
        : { path: '/agent/query', body: { question: 'Where does Dana work?', llm } };
    answers.set(one, await byo.call(asked.path, { body: asked.body }));
  });
});

/** Only a refusal of the request itself is worth leaving something out; in a query, which asks for no shape, only a limit. */
const mayClimbDown = ({ due, kind, scenario }: Case): boolean =>
  (due.code === 'llm_rejected_request' || due.code === 'llm_endpoint_invalid') &&
  (kind === 'write' || scenario.includes('-tokens-'));

/** A breakdown that may be about the shape is looked into with one call; one request over a rate is tried with less. */
const mayBeTriedOnce = ({ due, kind, scenario }: Case): boolean =>
  kind === 'write' &&
  (scenario === 'request-too-large' ||
    (due.code === 'llm_unavailable' && (due.status ?? 500) === 500));

const mostCalls = (one: Case): number =>
  mayClimbDown(one) ? 3 : mayBeTriedOnce(one) ? 2 : (one.due.calls ?? 1);

const callsOf = ({ key }: Case): number =>
  byo.providers.calls.filter(({ headers }) => JSON.stringify(headers).includes(key)).length;

describe.each(KINDS)('a synchronous %s', (kind) => {
  const all = CASES.filter((one) => one.kind === kind).map((one): [string, Case] => [
    `${one.shape}: ${one.scenario} is ${one.due.code}`,
    one,
  ]);

  it.each(all.filter(([, { due }]) => due.code === 200))('%s', (_title, one) => {
    const { status, json } = answers.get(one)!;
    expect({ status, code: json.code, detail: json.detail }).toEqual({ status: 200 });
    expect(callsOf(one)).toBe(one.due.calls ?? 1);
  });

  it.each(all.filter(([, { due }]) => due.code !== 200))('%s', (_title, one) => {
    const { status, headers, json } = answers.get(one)!;
    const { due } = one;
    const [dueStatus, retryable] = STATUS[due.code as keyof typeof STATUS];
    expect({ status, code: json.code, said: json.status, retryable: json.retryable }).toEqual({
      status: dueStatus,
      code: due.code,
      said: dueStatus,
      retryable,
    });
    expect(headers['content-type']).toContain('application/problem+json');
    expect(json.detail).toContain(due.says ?? '');
    expect(json.detail.length).toBeLessThan(1_200);
    expect(headers['retry-after']).toBe(due.wait?.toString());
    expect(Math.ceil((json.retry_after_ms ?? NaN) / 1_000) || undefined).toBe(due.wait);
    expect(json.provider).toMatchObject({
      name: one.shape.startsWith('compat') ? 'openai' : one.shape,
      model: `sim-${one.scenario}`,
      ...(due.status !== undefined && { status: due.status }),
      ...(due.type !== undefined && { type: due.type }),
      ...(due.providerCode !== undefined && { code: due.providerCode }),
    });
    expect(callsOf(one)).toBeGreaterThanOrEqual(due.calls ?? 1);
    expect(callsOf(one)).toBeLessThanOrEqual(mostCalls(one));
  });
});

describe('every answer of a provider', () => {
  it('was tried: each scenario that the simulator knows', () => {
    const { accidents, compat, ...own } = scenarioNames();
    const flavours = Object.entries(compat).map(([name, rows]) => [`compat/${name}`, rows]);
    const known = Object.fromEntries([...Object.entries(own), ...flavours]);
    const tried = Object.entries(PROVIDER_ANSWERS).map(([name, rows]) => [name, Object.keys(rows)]);
    expect(Object.fromEntries(tried)).toEqual(known);
    expect(Object.keys(WIRE_ANSWERS).toSorted()).toEqual(accidents.toSorted());
  });

  it('leaves the key, the provider’s account and its headers out of our answers', () => {
    for (const [{ key }, { headers, json }] of answers) {
      const text = JSON.stringify([headers, json]);
      expect(text).not.toMatch(DISCLOSED);
      const hidden = [key, encodeURIComponent(key), Buffer.from(key).toString('base64')];
      for (const form of [...hidden, key.slice(8, 20)]) expect(text).not.toContain(form);
    }
  });

  it('causes no request to another address', () => {
    expect(byo.providers.calls.filter(({ path }) => path === '/redirected')).toEqual([]);
  });

  it('causes no call to the operator’s account', async () => {
    expect(byo.providers.calls.length).toBeGreaterThan(CASES.length);
    expect(byo.bundled.calls).toEqual([]);
    // The counter does count.
    const { status } = await byo.call('/agent/memories', { body: { messages: MESSAGES } });
    expect({ status, calls: byo.bundled.calls.length }).toEqual({ status: 200, calls: 1 });
    expect(JSON.stringify(byo.bundled.calls[0]?.headers)).toContain(BUNDLED_KEY);
  });

  it.each(['bad-key', 'permission', 'credits', 'model-not-found'])(
    'is reported without the operator’s details where the operator’s own account answers %s',
    async (scenario) => {
      byo.bundled.script({ provider: 'anthropic', scenario });
      const { status, json } = await byo.call('/agent/memories', { body: { messages: MESSAGES } });
      expect({ status, code: json.code }).toEqual({ status: 503, code: 'bundled_llm_unavailable' });
      expect(json).not.toHaveProperty('provider');
    },
  );
});

/** A problem but for the ids of its own request. */
const sameOf = ({ request_id: _its, provider, ...problem }: Received['json']): object => ({
  ...problem,
  provider: { ...provider, request_id: null },
});

describe('an asynchronous job', () => {
  /** Final ones, one of each code; the last asks for more time than a job has. */
  const FINAL: readonly [Shape, string][] = [
    ['openai', 'bad-key'],
    ['openai', 'country'],
    ['anthropic', 'model-not-found'],
    ['azure', 'wrong-path'],
    ['anthropic', 'context-length'],
    ['azure', 'prompt-filtered'],
    ['anthropic', 'effort'],
    ['anthropic', 'credits'],
    ['compat/vllm', 'bad-key'],
    ['azure', 'rate-limited-day'],
  ];
  const later = FINAL.flatMap(([shape, scenario]) =>
    KINDS.map((kind): [string, Case] => {
      const due = PROVIDER_ANSWERS[shape]?.[scenario];
      if (!due) throw new Error(`No such scenario: ${shape} ${scenario}`);
      return [`${kind} at ${shape}, ${scenario}`, caseOf(shape, scenario, kind, due)];
    }),
  );

  it.each(later)('%s: ends with the same problem as the synchronous call', async (_title, one) => {
    const llm = byo.llm(one.shape, `sim-${one.scenario}`, one.key);
    const accepted = await byo.call(one.kind === 'write' ? '/agent/memories' : '/agent/query', {
      body:
        one.kind === 'write'
          ? { messages: MESSAGES, tenant_id: one.tenant, llm }
          : { question: 'Where does Dana work?', llm },
      headers: { prefer: 'respond-async' },
    });
    expect(accepted.status).toBe(202);
    const job = await byo.ended(accepted.headers['location']);
    expect(job.json).toMatchObject({ kind: one.kind, state: 'failed', result: null });
    const now = [...answers].find(
      ([{ shape, scenario, kind }]) =>
        shape === one.shape && scenario === one.scenario && kind === one.kind,
    );
    expect(sameOf(job.json.error)).toEqual(sameOf(now?.[1].json));
    expect(job.json.error.request_id).toBe(accepted.headers['x-request-id']);
  });
});
