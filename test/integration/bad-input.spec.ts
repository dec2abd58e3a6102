import { CODES, type ErrorCode } from '@app/errors';
import { problemSchema } from '@app/http-problems';
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type AccountBench, type Holdings, makeAccountBench } from '../support/account-bench.js';
import { type BadRequest, badRequests } from '../support/bad-requests.js';
import { CANARY } from '../support/bad-values.js';
import { type DescribedRoute, describedRoutes } from '../support/described-routes.js';
import { startGateway } from '../support/gateway.js';
import { inLanes } from '../support/in-lanes.js';
import { perFile } from '../support/per-file.js';
import { fullRequestsFor, kindOf } from '../support/route-requests.js';

/** So many at most, evenly taken from all there are: routes come, and time does not. */
const MOST = 6_000;
const LANES = 8;
const ANSWER_WITHIN_MS = 5_000;
/** These routes need a provider, and no worker runs here to call one. */
const WAITS_FOR_WORKERS = ['POST /llm/verify'];

let routes: readonly DescribedRoute[];
let account: AccountBench;
let held: Holdings;
let spare: Holdings;

const gateway = await perFile(startGateway({ SYNC_WAIT_MS: '20', BUNDLED_LLM: 'true' }));

beforeAll(async () => {
  routes = await describedRoutes(gateway.app);
  account = await makeAccountBench(gateway);
  held = await account.hold(null);
  // Of another account: a key that is changed or revoked here is used by no other case.
  spare = await (await makeAccountBench(gateway)).hold();
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly ms: number;
}

async function send({
  route,
  id,
  query = '',
  type,
  body,
  headers,
}: Omit<BadRequest, 'what'> & { readonly headers?: object }): Promise<Answer> {
  const path = route.path.replace('{id}', id ?? (await idFor(route)));
  const started = performance.now();
  const answer = await gateway.app.inject({
    method: route.method,
    url: query === '' ? path : `${path}?${query}`,
    headers: {
      authorization: `Bearer ${route.access === 'operator' ? gateway.adminToken : account.key}`,
      prefer: 'respond-async',
      ...(type !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { payload: body }),
  });
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type']),
    headers: answer.headers,
    body: answer.body,
    ms: performance.now() - started,
  };
}

/** The id of an existing resource. A request that changes a memory gets a new one. */
async function idFor(route: DescribedRoute): Promise<string> {
  const kind = kindOf(route);
  if (kind === undefined) return '';
  if (kind === 'memory' && route.method !== 'GET') {
    const body = { content: `Something to change: ${randomUUID()}` };
    return (await account.send('/agent/memories', { body })).json.memory_id;
  }
  const { ids } = kind === 'account' || kind === 'apiKey' ? spare : held;
  return ids[kind][0]!;
}

/** The fault of an answer; undefined for a correct one. */
function faultOf({ route, what }: BadRequest, answer: Answer): string | undefined {
  const { status, type, headers, body } = answer;
  const says = (text: string): string => `${route.name}, ${what}: ${status} ${text}`;
  if (answer.ms > ANSWER_WITHIN_MS) return says(`after ${answer.ms} ms`);
  if (!String(headers['server-timing']).match(/^llm;dur=.+db;dur=.+queue;dur=.+app;dur=/))
    return says('without times');
  if (status >= 200 && status < 300)
    return route.statuses.includes(String(status)) ? undefined : says('is not in the document');
  // `/memories/..` is `/`, which leads to the reference page.
  if (status === 302 && headers['location'] === '/docs') return undefined;
  if (!type.startsWith('application/problem+json')) return says(`with ${type}`);
  const read = problemSchema.safeParse(JSON.parse(body));
  if (!read.success) return says(`with a problem that is none: ${read.error.message}`);
  const { data: problem } = read;
  const known = CODES[problem.code];
  if (problem.status !== status || known.status !== status || known.title !== problem.title)
    return says(`with a problem of status ${problem.status}`);
  if (problem.type !== `/docs/errors#${problem.code}`) return says(`with type ${problem.type}`);
  if (problem.request_id !== headers['x-request-id']) return says('with another request id');
  if (body.includes(CANARY)) return says(`repeats what was sent: ${body}`);
  const waited: readonly ErrorCode[] = ['llm_unavailable'];
  if (WAITS_FOR_WORKERS.includes(route.name) && waited.includes(problem.code)) return undefined;
  return status >= 400 && status < 500 ? undefined : says(`${problem.code}: ${problem.detail}`);
}

describe('request input', () => {
  it('is accepted in every request that the other cases of this file then spoil', async () => {
    const own = { memory: held.ids.memory[0]! };
    const refused: string[] = [];
    for (const route of routes) {
      for (const { query, body } of fullRequestsFor(route, own)) {
        if (query === undefined && body === undefined) continue;
        const answer = await send({
          route,
          query: new URLSearchParams(query).toString(),
          ...(body !== undefined && { type: 'application/json', body: JSON.stringify(body) }),
        });
        const isWaiting = WAITS_FOR_WORKERS.includes(route.name) && answer.status === 503;
        // Nothing is wrong with the request: no job here has failed.
        const isUnderstood = answer.body.includes('"job_not_retryable"');
        if (isRefused(answer) && !isWaiting && !isUnderstood)
          refused.push(`${route.name}: ${answer.body}`);
      }
    }
    expect(refused).toEqual([]);
  });

  it('that is bad, in any way and place, is answered with a problem and breaks nothing', async () => {
    const own = { memory: held.ids.memory[0]! };
    const all = routes.flatMap((route) => [...badRequests(route, own)]);
    const every = Math.max(1, all.length / MOST);
    const ruledOut = new Map(routes.map((route) => [route, rulesOut(route)]));
    const taken = all.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every));
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    await inLanes(LANES, taken, async (bad) => {
      const answer = await send(bad);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(bad, answer);
      if (fault !== undefined) faults.push(fault);
      if (!isRefused(answer) && ruledOut.get(bad.route)?.(bad.value))
        faults.push(`${bad.route.name}, ${bad.what}: the document rules it out, and it is taken`);
    });
    expect(faults).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    // Not all of one kind, and not stopped by a limit: what is wrong was looked at.
    expect(statuses.get(400) ?? 0).toBeGreaterThan(taken.length / 4);
    expect(statuses.get(429) ?? 0).toBe(0);
    expect(await gateway.send('/health/live')).toMatchObject({ status: 200 });
    expect(await gateway.send('/health/ready')).toMatchObject({ status: 200 });
  });

  it('in a header is ignored or rejected, and breaks nothing', async () => {
    const names = [
      'accept',
      'authorization',
      'content-length',
      'idempotency-key',
      'prefer',
      'traceparent',
      'x-forwarded-for',
      'x-request-id',
    ];
    const values = [
      '',
      ' ',
      ',,;;==',
      '-1',
      '*',
      'é\u00ff',
      CANARY.repeat(500),
      'wait=99999999999, wait=-1, respond-async; x="',
      'Bearer aurra_',
      'text/event-stream;q=x, */*;q=2',
    ];
    const route = routes.find(({ name }) => name === 'POST /agent/memories')!;
    const faults: string[] = [];
    for (const name of names) {
      for (const value of values) {
        const content = `Under ${name}: ${randomUUID()}`;
        const sent = { route, type: 'application/json', body: JSON.stringify({ content }) };
        const answer = await send({ ...sent, headers: { [name]: value } });
        const fault = faultOf({ ...sent, what: `${name}: ${value.slice(0, 50)}` }, answer);
        if (fault !== undefined) faults.push(fault);
      }
    }
    expect(faults).toEqual([]);
  });
});

/** A batch answers for each of its items: here it has one. */
function isRefused({ status, body }: Answer): boolean {
  if (status !== 202) return status >= 300;
  const { results } = JSON.parse(body) as { readonly results?: readonly unknown[] };
  return results?.some((result) => refusedItem.safeParse(result).success) === true;
}

const refusedItem = z.object({
  index: z.int(),
  status: z.literal('refused'),
  problem: problemSchema.refine(({ status }) => status >= 400 && status < 500),
});

/** Whether the document of a route says that this body is not taken. */
function rulesOut(route: DescribedRoute): (value: unknown) => boolean {
  if (!route.body) return () => false;
  const schema = z.fromJSONSchema(route.body as Parameters<typeof z.fromJSONSchema>[0]);
  return (value) => value !== undefined && !schema.safeParse(value).success;
}
