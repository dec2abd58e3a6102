import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { type AccountBench, type Holdings, makeAccountBench } from '../support/account-bench.js';
import { type DescribedRoute, describedRoutes, fieldsOf } from '../support/described-routes.js';
import { type Received, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { kindOf, requestFor, type RouteRequest, urlOf } from '../support/route-requests.js';
import { queuedJobs, storedRows } from '../support/stored-rows.js';

/** Names of fields that hold a caller's own labels, or a tool call of its own history: no account is asked for them. */
const LABELS = ['tenant_id', 'session_id', 'external_id', 'call_id'];
const ID_NAME = /(^|_)(id|ids|by)$/;

let routes: readonly DescribedRoute[];
let first: AccountBench;
let second: AccountBench;
let theirs: Holdings;
/** A memory of the second account, for routes that name two. */
let own: { readonly memory: string };

const gateway = await perFile(startGateway());

beforeAll(async () => {
  routes = (await describedRoutes(gateway.app)).filter(({ access }) => access === 'caller');
  [first, second] = [await makeAccountBench(gateway), await makeAccountBench(gateway)];
  theirs = await first.hold(null);
  const { json } = await second.send('/agent/memories', { body: { content: 'Our own.' } });
  own = { memory: json.memory_id };
});

const call = (
  account: AccountBench,
  route: DescribedRoute,
  id: string,
  request: RouteRequest,
): Promise<Received> =>
  account.send(urlOf(route, id, request), {
    method: route.method,
    body: request.body,
    // A job that needs a worker only has to be accepted: no worker runs here.
    headers: { prefer: 'respond-async' },
  });

/** All that the first account has, wherever it is. */
async function ofTheFirst(): Promise<readonly string[]> {
  const rows = await storedRows(gateway.databaseUrl, [second.id]);
  return [...rows, ...(await queuedJobs(inject('redisUrl'), theirs.ids.job))];
}

/** Does nothing to the first account, and tells nothing of it. */
async function leavesTheFirstAlone(act: () => Promise<readonly Received[]>): Promise<void> {
  const before = await ofTheFirst();
  for (const { json, headers } of await act()) {
    const told = JSON.stringify([json, headers]);
    expect(theirs.canaries.filter((canary) => told.includes(canary))).toEqual([]);
  }
  expect(await ofTheFirst()).toEqual(before);
}

/** Checks one route after the other, and says which it was. */
async function forEach(
  some: readonly DescribedRoute[],
  check: (route: DescribedRoute) => Promise<void>,
): Promise<void> {
  expect(some.length).toBeGreaterThan(0);
  for (const route of some) {
    await check(route).catch((error: unknown) => {
      throw new Error(`${route.name}: ${String(error)}`, { cause: error });
    });
  }
}

const withId = (): readonly DescribedRoute[] => routes.filter((route) => kindOf(route));

describe('the API document', () => {
  it('contains every route that is served, so that the next tests try them all', async () => {
    const described = (await describedRoutes(gateway.app)).map(({ method, path }) =>
      `${method} ${path}`.replaceAll(/\{(\w+)\}/g, ':$1'),
    );
    const served = gateway.routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route));
    const hidden = served.filter((route) => !described.includes(route));
    expect(hidden.filter((route) => !/^GET \/(docs(\/.*)?|openapi\.json)?$/.test(route))).toEqual(
      [],
    );
  });
});

describe('a second account', () => {
  it('finds nothing under an id of the first, on any route that takes an id', async () => {
    await forEach(withId(), async (route) => {
      const kind = kindOf(route)!;
      const unknown = await call(second, route, randomUUID(), requestFor(route, own));
      expect(unknown).toMatchObject({ status: 404, json: { code: 'not_found' } });
      await leavesTheFirstAlone(async () => {
        const answers: Received[] = [];
        for (const id of theirs.ids[kind]) {
          const answer = await call(second, route, id, requestFor(route, own));
          // The same answer, to the letter, as for an id that does not exist: it does not reveal that the id exists.
          expect({ ...answer.json, request_id: '' }).toEqual({ ...unknown.json, request_id: '' });
          answers.push({ ...answer, headers: {} });
        }
        return answers;
      });
    });
  });

  it('cannot name an object of the first in a body or a parameter', async () => {
    const naming = routes.flatMap((route) => idFieldsOf(route).map((field) => ({ route, field })));
    for (const { route, field } of naming) {
      const request = requestFor(route, own);
      expect(
        Object.keys({ ...request.query, ...(request.body as object) }),
        `${route.name} takes an id as ${field}: REQUESTS in test/support/route-requests.ts has to have it`,
      ).toContain(field);
      const { json: mine } = await second.send('/agent/memories', {
        body: { content: `Ours, for ${route.name}.` },
      });
      await leavesTheFirstAlone(async () => {
        const body = { ...(request.body as object), [field]: theirs.ids.memory[0] };
        const answer = await call(second, route, mine.memory_id, { ...request, body });
        expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
        return [{ ...answer, headers: {} }];
      });
    }
  });

  it('reads and changes only its own objects on routes without an id', async () => {
    const open = routes.filter((route) => !kindOf(route));
    const { json: page } = await first.send('/agent/memories?limit=1&tenant_id=*');
    await forEach(open, (route) =>
      leavesTheFirstAlone(async () => {
        const request = requestFor(route, own);
        const inQuery = route.parameters.some(({ name }) => name === 'tenant_id');
        const asks: RouteRequest[] = [request];
        for (const tenant_id of [theirs.tenant, '*']) {
          if (inQuery) asks.push({ ...request, query: { ...request.query, tenant_id } });
          else if (route.body?.properties?.['tenant_id'])
            asks.push({ ...request, body: { ...(request.body as object), tenant_id } });
        }
        if (route.parameters.some(({ name }) => name === 'all'))
          asks.push({ query: { all: 'true' } });
        if (page.next_cursor && route.parameters.some(({ name }) => name === 'cursor'))
          asks.push({ query: { cursor: page.next_cursor, tenant_id: '*' } });
        const answers: Received[] = [];
        for (const asked of asks) answers.push(await call(second, route, '', asked));
        for (const { status } of answers) expect(status).not.toBe(500);
        return answers;
      }),
    );
  });
});

describe('the first account', () => {
  it('gets an answer on each of these routes: the rejected objects exist', async () => {
    await forEach(withId(), async (route) => {
      const held = await first.hold(null);
      const { json } = await first.send('/agent/memories', {
        body: { content: `Another, for ${route.name}.` },
      });
      const statuses: number[] = [];
      for (const id of held.ids[kindOf(route)!]) {
        const request = requestFor(route, { memory: json.memory_id });
        statuses.push((await call(first, route, id, request)).status);
      }
      expect(statuses.some((status) => status < 300 || status === 409)).toBe(true);
    });
  });
});

/** Fields that name a thing of ours, by their format or by what they are called. */
function idFieldsOf({ body, parameters }: DescribedRoute): readonly string[] {
  const asked = parameters.filter((parameter) => parameter.in === 'query');
  const fields = [
    ...(body ? fieldsOf(body) : []),
    ...asked.map(({ name, schema = {} }) => ({ path: [name], schema })),
  ];
  const ids = fields.filter(({ path, schema }) => {
    const name = path.at(-1) ?? '';
    const isUuid = JSON.stringify(schema).includes('"uuid"');
    return !LABELS.includes(name) && (isUuid || ID_NAME.test(name));
  });
  return [...new Set(ids.map(({ path }) => path.join('.')))];
}
