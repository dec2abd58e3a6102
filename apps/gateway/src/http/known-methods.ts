import { AppError } from '@app/errors';
import type { FastifyInstance } from 'fastify';

/**
 * Answers 405 with the allowed methods for a known path and a wrong method, where Fastify would answer 404. Call it before
 * routes are registered.
 */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const methodsOf = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const one of [method].flat()) known.methods.add(one);
    methodsOf.set(url, known);
  });
  const methodsAt = (path: string): readonly string[] =>
    [...methodsOf.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
  // `GET /agent/memories/batch` must not look up a memory with the id "batch".
  const othersAt = (path: string, method: string): readonly string[] => {
    const methods = methodsOf.get(path)?.methods;
    return methods && !methods.has(method) ? [...methods] : [];
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    const methods = request.is404 ? methodsAt(path) : othersAt(path, request.method);
    if (methods.length === 0)
      return done(request.is404 && VERSIONED.test(path) ? pathsHaveNoVersion() : undefined);
    const allowed = [...new Set(methods)].toSorted();
    void reply.header('allow', allowed.join(', '));
    done(otherMethod(allowed));
  });
}

/** The path without the query string and a trailing slash. */
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '');

/** The detail names the allowed methods: most clients show the body of an error, but not its headers. */
function otherMethod(allowed: readonly string[]): AppError {
  const named = allowed.filter((method) => !['HEAD', 'OPTIONS'].includes(method));
  return new AppError(
    'method_not_allowed',
    `This address does not take this method. Use ${named.join(' or ')}.`,
  );
}

const VERSIONED = /^\/(api\/)?v\d{1,2}(\/|$)/;

const pathsHaveNoVersion = (): AppError =>
  new AppError(
    'not_found',
    'There is nothing under this address. Paths have no version: use /agent/….',
  );

/** Converts a route such as `/agent/memories/:id` to an expression: parameters are whole segments, `*` is at the end. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${source}$`);
}
