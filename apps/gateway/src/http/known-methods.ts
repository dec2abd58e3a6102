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
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [...methodsOf.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    if (methods.length === 0) return done();
    void reply.header('allow', [...new Set(methods)].toSorted().join(', '));
    done(
      new AppError(
        'method_not_allowed',
        'This address does not take this method. The Allow header names those that it takes.',
      ),
    );
  });
}

/** `/agent/memories/:id` and the like: whole segments, `*` at the end. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${source}$`);
}
