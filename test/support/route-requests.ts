import type { DescribedRoute } from './described-routes.js';

/** The kinds of resource that a path's `{id}` can name. */
export type Kind = 'memory' | 'job' | 'account' | 'apiKey';

export interface RouteRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The ids of an account that a request may need. */
export interface Own {
  /** A second memory, for routes that name two. */
  readonly memory: string;
  readonly tenant?: string | undefined;
}

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-route-0123456789abcdef',
  base_url: 'https://api.example.com/v1',
};
const MESSAGES = [{ role: 'user', content: 'I live in London.' }];
let count = 0;
/** Content that is not stored yet. */
const fresh = (): string => `Fact number ${(count += 1)}.`;

const supersede = ({ memory }: Own): RouteRequest => ({ body: { superseded_by: memory } });

/**
 * A request that each route takes, by `METHOD /path`. The tests that go through all routes of the document ask here, so a
 * new route that needs anything but its id has a line here.
 */
const REQUESTS: Readonly<Record<string, (own: Own) => RouteRequest>> = {
  'POST /agent/memories': ({ tenant }) => ({ body: { content: fresh(), tenant_id: tenant } }),
  'POST /agent/memories/batch': ({ tenant }) => ({
    body: { writes: [{ messages: MESSAGES, tenant_id: tenant }], llm: LLM },
  }),
  'DELETE /agent/memories': ({ tenant }) => ({ query: { tenant_id: tenant ?? 'nothing-here' } }),
  'POST /agent/query': ({ tenant }) => ({
    body: { question: 'Where do I live?', tenant_id: tenant, llm: LLM },
  }),
  'POST /agent/search': ({ tenant }) => ({
    body: { question: 'Where do I live?', tenant_id: tenant },
  }),
  'POST /memories/{id}/supersede': supersede,
  'POST /agent/memories/{id}/supersede': supersede,
  'POST /memories/{id}/restore': () => ({ body: {} }),
  'POST /agent/memories/{id}/restore': () => ({ body: {} }),
  'POST /agent/jobs/{id}/retry': () => ({ body: { llm: LLM } }),
  'PATCH /agent/settings': () => ({ body: { freshness_half_life_days: 30 } }),
  'POST /llm/verify': () => ({ body: { llm: LLM } }),
  'POST /admin/accounts': () => ({ body: { name: 'made by a test' } }),
  'PATCH /admin/accounts/{id}': () => ({ body: { name: 'changed by a test' } }),
  'POST /admin/accounts/{id}/keys': () => ({ body: { name: 'made by a test' } }),
  'POST /admin/jobs/{id}/retry': () => ({ body: {} }),
};

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(\/agent)?\/memories\/\{id\}/, 'memory'],
  [/^\/(agent|admin)\/jobs\/\{id\}/, 'job'],
  [/^\/admin\/accounts\/\{id\}/, 'account'],
  [/^\/admin\/keys\/\{id\}/, 'apiKey'],
];

/** A request that the route accepts. @throws Error which says what to add, for a route that is not described here. */
export function requestFor({ name, method }: DescribedRoute, own: Own): RouteRequest {
  const request = REQUESTS[name]?.(own);
  if (request !== undefined) return request;
  if (method === 'GET' || (method === 'DELETE' && name.endsWith('{id}'))) return {};
  throw new Error(
    `Nobody has said what ${name} takes: add a line to REQUESTS in test/support/route-requests.ts.`,
  );
}

/** The kind of resource that a route's `{id}` names; undefined without an `{id}`. @throws Error that says what to add. */
export function kindOf({ name, path }: DescribedRoute): Kind | undefined {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  if (named.length === 0) return undefined;
  const kind = KINDS.find(([pattern]) => pattern.test(path))?.[1];
  if (kind === undefined || named.length > 1 || named[0] !== 'id')
    throw new Error(
      `Nobody has said what {${named.join('}, {')}} of ${name} names: add it to KINDS in test/support/route-requests.ts.`,
    );
  return kind;
}

/** The URL of a route with this id and the query of the request. */
export function urlOf({ path }: DescribedRoute, id: string, { query }: RouteRequest): string {
  const parameters = new URLSearchParams(query).toString();
  return path.replace('{id}', encodeURIComponent(id)) + (parameters && `?${parameters}`);
}

const MOMENT = '2026-05-01T09:30:00+02:00';
const SCOPE = {
  topic: 'Home',
  importance_score: 6,
  importance: 'high',
  source: 'chat',
  tenant_id: 'full',
  session_id: 's-1',
  external_id: 'e-1',
  metadata: { team: 'red' },
  category: 'location',
  valid_from: MOMENT,
  recorded_at: MOMENT,
  auto_supersede: true,
  dry_run: false,
};
const SAID = [{ role: 'user', name: 'Ada', at: MOMENT, content: [{ type: 'text', text: 'Hm.' }] }];
const ASKED = {
  question: 'Where do I live?',
  limit: 5,
  tenant_id: 'full',
  sources: ['chat'],
  metadata: { team: 'red' },
  as_of: MOMENT,
  transaction_as_of: MOMENT,
  reference_date: MOMENT,
  include_proof_tree: true,
};

/** Requests with a value in every field, for routes with many fields: one wrong value is then the only fault. */
const FULL: Readonly<Record<string, () => readonly RouteRequest[]>> = {
  'POST /agent/memories': () => [
    { body: { ...SCOPE, content: fresh(), llm: LLM } },
    { body: { ...SCOPE, messages: SAID, llm: { ...LLM, extra: {} } } },
  ],
  'POST /agent/memories/batch': () => [
    { body: { writes: [{ ...SCOPE, content: fresh() }], llm: LLM } },
    { body: { writes: [{ ...SCOPE, messages: SAID, llm: LLM }] } },
  ],
  'POST /agent/query': () => [{ body: { ...ASKED, llm: LLM } }],
  'POST /agent/search': () => [{ body: ASKED }],
  'POST /admin/accounts': () => [{ body: { name: 'full', plan_tier: 'free' } }],
  'PATCH /admin/accounts/{id}': () => [
    { body: { name: 'full', plan_tier: 'free', plan_status: 'active' } },
  ],
  'POST /admin/accounts/{id}/keys': () => [
    { body: { name: 'full', expires_at: '2036-01-01T00:00:00Z', tenant_id: 'x', read_only: true } },
  ],
};

/** Requests that the route accepts; together they have a value in every known field. */
export function fullRequestsFor(route: DescribedRoute, own: Own): readonly RouteRequest[] {
  return FULL[route.name]?.() ?? [requestFor(route, own)];
}
