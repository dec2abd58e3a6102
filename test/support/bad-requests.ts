import { BAD_BODIES, BAD_IDS, badQueries, BAD_VALUES } from './bad-values.js';
import { type DescribedRoute, fieldsOf } from './described-routes.js';
import { fullRequestsFor, kindOf, type Own, type RouteRequest } from './route-requests.js';

/** A request that is wrong in one place. */
export interface BadRequest {
  readonly route: DescribedRoute;
  /** The fault of the request, for the message of a failing test. */
  readonly what: string;
  /** Absent: the id of an existing resource. */
  readonly id?: string;
  readonly query?: string;
  readonly type?: string | undefined;
  readonly body?: string | Buffer | undefined;
  /** The value of which `body` is the JSON text. Absent for a body that is wrong as a whole. */
  readonly value?: unknown;
}

/** Makes a request for each bad id, bad query, bad body and bad value of a body's field that the route may get. */
export function* badRequests(route: DescribedRoute, own: Own): Generator<BadRequest> {
  const requests = fullRequestsFor(route, own);
  const [usual = {}] = requests;
  const sent = sendable(usual);
  if (kindOf(route))
    for (const [what, id] of Object.entries(BAD_IDS))
      yield { route, ...sent, id, what: `id: ${what}` };
  for (const { name } of route.parameters.filter((parameter) => parameter.in === 'query')) {
    const others = new URLSearchParams(usual.query);
    others.delete(name);
    for (const [what, query] of Object.entries(badQueries(name)))
      yield { route, ...sent, what: `${name}: ${what}`, query: [others, query].join('&') };
  }
  if (!route.body) return;
  for (const [what, [type, body]] of Object.entries(BAD_BODIES))
    yield { route, what: `body: ${what}`, type, body };
  for (const { path } of fieldsOf(route.body)) {
    const request = requests.find(({ body }) => has(body, path.slice(0, -1))) ?? usual;
    for (const [what, bad] of Object.entries(BAD_VALUES)) {
      const value = withValue(request.body, path, bad);
      yield { route, ...sendable({ ...request, body: value }), what: `${path.join('.')}: ${what}` };
    }
  }
}

function sendable({ query, body }: RouteRequest): Omit<BadRequest, 'route' | 'what'> {
  return {
    query: new URLSearchParams(query).toString(),
    ...(body !== undefined && {
      type: 'application/json',
      body: JSON.stringify(body),
      value: body,
    }),
  };
}

function has(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return typeof value === 'object' && value !== null;
  const child = step === '*' ? (value as unknown[] | undefined)?.[0] : valueAt(value, step);
  return has(child, rest);
}

const valueAt = (value: unknown, name: string): unknown =>
  (value as Record<string, unknown> | null | undefined)?.[name];

/** Copies a value with one field replaced. Objects and lists that are missing on the path to the field are made. */
function withValue(value: unknown, [step, ...rest]: readonly string[], bad: unknown): unknown {
  if (step === undefined) return bad;
  if (step === '*') {
    const [first, ...others] = Array.isArray(value) ? (value as unknown[]) : [];
    return [withValue(first, rest, bad), ...others];
  }
  const object = typeof value === 'object' && value !== null ? value : {};
  return { ...object, [step]: withValue(valueAt(object, step), rest, bad) };
}
