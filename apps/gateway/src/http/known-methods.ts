import { AppError } from '@app/errors';
import type { FastifyInstance } from 'fastify';

/**
 * A known path under a method that it does not take answers 405 and names those that it takes. Fastify knows only
 * "no such route". To be called before routes are made.
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
  // `GET /agent/memories/batch` is no look at a memory whose id is "batch".
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

/** Without the query string, and without a slash at the end, which counts for nothing. */
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '');

/** Says which to use: most clients show the text of an answer, and not its headers. */
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

/** `/agent/memories/:id` and the like: whole segments, `*` at the end. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${source}$`);
}
