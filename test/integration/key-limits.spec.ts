import { beforeAll, describe, expect, it } from 'vitest';

import { type AccountBench, type Holdings, makeAccountBench } from '../support/account-bench.js';
import { type DescribedRoute, describedRoutes } from '../support/described-routes.js';
import { type Received, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { kindOf, requestFor, type RouteRequest, urlOf } from '../support/route-requests.js';
import { storedRows } from '../support/stored-rows.js';

/** POST routes that change no memory. Every other POST route carries `@Writes()`. */
const ASKS = ['POST /agent/query', 'POST /agent/search', 'POST /llm/verify'];

let routes: readonly DescribedRoute[];
let account: AccountBench;
let held: Holdings;
let own: { readonly memory: string };
let keys: { readonly readOnly: string; readonly bound: string };

const OWN_TENANT = 'the-bound-one';

const gateway = await perFile(startGateway({ SYNC_WAIT_MS: '50' }));

beforeAll(async () => {
  routes = await describedRoutes(gateway.app);
  account = await makeAccountBench(gateway);
  held = await account.hold();
  const make = async (fields: object): Promise<string> => {
    const sent = { body: fields };
    return (await gateway.administer(`/admin/accounts/${account.id}/keys`, sent)).json.api_key;
  };
  keys = {
    readOnly: await make({ read_only: true }),
    bound: await make({ tenant_id: OWN_TENANT }),
  };
  const { json } = await gateway.send('/agent/memories', {
    key: keys.bound,
    body: { content: 'Of the bound tenant.', tenant_id: OWN_TENANT },
  });
  own = { memory: json.memory_id };
});

const call = (
  key: string,
  route: DescribedRoute,
  request: RouteRequest,
  id = own.memory,
): Promise<Received> =>
  gateway.send(urlOf(route, id, request), {
    method: route.method,
    body: request.body,
    key,
    headers: { prefer: 'respond-async' },
  });

const idsOf = (route: DescribedRoute): readonly string[] => {
  const kind = kindOf(route);
  return kind ? held.ids[kind] : [own.memory];
};

const rows = (): Promise<readonly string[]> => storedRows(gateway.databaseUrl);

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

const only = (access: DescribedRoute['access']): readonly DescribedRoute[] =>
  routes.filter((route) => route.access === access);

describe('credentials', () => {
  it('of the operator open only /admin, and an API key opens nothing there', async () => {
    const before = await rows();
    await forEach([...only('caller'), ...only('operator')], async (route) => {
      expect(route.path.startsWith('/admin/')).toBe(route.access === 'operator');
      const wrong = route.access === 'operator' ? account.key : gateway.adminToken;
      for (const key of [wrong, '']) {
        for (const id of idsOf(route)) {
          const answer = await call(key, route, requestFor(route, own), id);
          expect(answer).toMatchObject({ status: 401, json: { code: 'not_authenticated' } });
        }
      }
    });
    expect(await rows()).toEqual(before);
  });

  it('are required everywhere except for the probes', () => {
    expect(only('anybody').map(({ path }) => path)).toEqual(['/health/live', '/health/ready']);
  });
});

describe('a read-only key', () => {
  it('is rejected by every route that changes something', async () => {
    const before = await rows();
    const changing = only('caller').filter(({ writes }) => writes);
    await forEach(changing, async (route) => {
      for (const id of idsOf(route)) {
        const answer = await call(keys.readOnly, route, requestFor(route, own), id);
        expect(answer).toMatchObject({ status: 403, json: { code: 'permission_denied' } });
      }
    });
    expect(await rows()).toEqual(before);
  });

  it('is accepted by every other route, and each of these is listed as one that changes nothing', async () => {
    const others = only('caller').filter(({ writes }) => !writes);
    const posted = others.filter(({ method }) => method !== 'GET').map(({ name }) => name);
    const unmarked = posted.filter((name) => !ASKS.includes(name));
    expect(unmarked, 'a route that changes something carries @Writes()').toEqual([]);
    await forEach(others, async (route) => {
      for (const id of idsOf(route)) {
        const { status } = await call(keys.readOnly, route, requestFor(route, own), id);
        expect(status).not.toBe(403);
        expect(status).not.toBe(401);
      }
    });
  });
});

describe('a key of one tenant', () => {
  it('finds nothing of another tenant under its id', async () => {
    const before = await rows();
    const withId = only('caller').filter((route) => kindOf(route));
    await forEach(withId, async (route) => {
      for (const id of idsOf(route)) {
        const answer = await call(keys.bound, route, requestFor(route, own), id);
        expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
      }
    });
    expect(await rows()).toEqual(before);
  });

  it('can name no other tenant, and cannot leave its own out', async () => {
    const naming = only('caller').filter(
      (route) =>
        !kindOf(route) && JSON.stringify([route.parameters, route.body]).includes('tenant_id'),
    );
    const before = await rows();
    await forEach(naming, async (route) => {
      for (const tenant of [undefined, '', '*', held.tenant]) {
        const request = withTenant(route, tenant);
        const answer = await call(keys.bound, route, request);
        // No tenant, or `*`, may be a fault of form where something is written or erased.
        const isFaulty = route.writes && (tenant === '*' || tenant === undefined);
        const refused = isFaulty ? [400, 404] : [404];
        // A batch refuses each of its items.
        const results = answer.status === 202 ? answer.json.results : undefined;
        const statuses = (results ?? [{ problem: answer }]).map(
          ({ problem }: { problem?: { status: number } }) => problem?.status,
        );
        expect(statuses.filter((status: number) => !refused.includes(status))).toEqual([]);
      }
    });
    expect(await rows()).toEqual(before);
  });

  it('cannot name a memory of another tenant in a body', async () => {
    const routesWithTwo = only('caller').filter(({ body }) => body?.properties?.['superseded_by']);
    const before = await rows();
    for (const route of routesWithTwo) {
      const body = { superseded_by: held.ids.memory[0] };
      const answer = await call(keys.bound, route, { body });
      expect({ route: route.name, code: answer.json.code }).toEqual({
        route: route.name,
        code: 'not_found',
      });
    }
    expect(await rows()).toEqual(before);
  });

  it('sees nothing else of its account on any route', async () => {
    await forEach(
      only('caller').filter(({ method }) => method === 'GET'),
      async (route) => {
        const request = requestFor(route, { ...own, tenant: OWN_TENANT });
        const { json } = await call(keys.bound, route, request);
        const told = JSON.stringify(json);
        expect(held.canaries.filter((canary) => told.includes(canary))).toEqual([]);
      },
    );
  });
});

/** The route's request with this tenant, wherever it names one; undefined: with none. */
function withTenant(route: DescribedRoute, tenant: string | undefined): RouteRequest {
  const { query, body } = requestFor(route, { ...own, tenant });
  const isParameter = route.parameters.some(({ name }) => name === 'tenant_id');
  if (!isParameter) return { ...(query && { query }), body };
  const { tenant_id: _, ...rest } = query ?? {};
  return { query: { ...rest, ...(tenant !== undefined && { tenant_id: tenant }) }, body };
}
