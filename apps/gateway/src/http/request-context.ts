import { metrics, type RequestContext, requestContext, type TimedPart } from '@app/observability';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { isReferencePage } from '../openapi/openapi.js';
import { holdsPartOf } from './body/misplaced-keys.js';
import { preferOf, prefersStrictHandling, STRICT_HANDLING } from './preference.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log and the timings know of this request. */
    known?: RequestContext;
  }
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The client's own id, if it is well-formed and does not hold the request's credential, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const own = headers['x-request-id'];
  if (typeof own !== 'string' || !REQUEST_ID.test(own)) return randomUUID();
  const credentials = [headers.authorization ?? '', String(headers['x-api-key'] ?? '')];
  return holdsPartOf(credentials, own) ? randomUUID() : own;
}

/** What a request is called in answers and logs. */
export const knownIdOf = (request: FastifyRequest): string =>
  request.known?.requestId ?? request.id;

/** Every request has an id, a context, and its times; every answer says them. */
export function followRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    // On every route, whatever else it makes of the header: a handler that has more to say replaces this one.
    const strict = prefersStrictHandling(preferOf(request));
    if (strict) void reply.header('preference-applied', STRICT_HANDLING);
    request.known = {
      requestId: request.id,
      timings: new Map(),
      strict,
      ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) && { traceparent }),
    };
    requestContext.run(request.known, done);
  });
  // Reading a body loses the context: the socket's events belong to no request.
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.known) requestContext.run(request.known, done);
    else done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    sayIdAndTimes(request, reply);
    done(null, payload);
  });
  const logger = new Logger('http');
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    // The route, never the address: that may hold a person's words.
    const route = request.routeOptions.url ?? 'unknown';
    const status = String(reply.statusCode);
    metrics.httpRequests.observe({ method, route, status }, reply.elapsedTime / 1_000);
    if (!request.known) return done();
    requestContext.run(request.known, () => {
      logger.debug(`${method} ${route} ${status} in ${reply.elapsedTime.toFixed(1)} ms`);
      done();
    });
  });
}

/** The headers of every answer. For one that meets no hook, whoever sends it says them. */
export function sayIdAndTimes(request: FastifyRequest, reply: FastifyReply): void {
  for (const [name, value] of Object.entries(browserHeaders(request.routeOptions.url)))
    if (!reply.hasHeader(name)) void reply.header(name, value);
  void reply
    .header('x-request-id', knownIdOf(request))
    .header('server-timing', serverTiming(request.known?.timings, reply.elapsedTime));
}

/** `llm` is the time spent waiting for a worker, `app` what is left for ourselves. */
export function serverTiming(
  timings: ReadonlyMap<TimedPart, number> | undefined,
  totalMs: number,
): string {
  const parts = (['llm', 'db', 'queue'] as const).map(
    (part) => [part, timings?.get(part) ?? 0] as const,
  );
  const own = parts.reduce((left, [, ms]) => left - ms, totalMs);
  return [...parts, ['app', Math.max(0, own)] as const]
    .map(([part, ms]) => `${part};dur=${ms.toFixed(1)}`)
    .join(', ');
}

/** Scripts and data from here alone, none of them inline; Swagger UI writes styles into its page. */
const REFERENCE_PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What is no page: opened in a browser it runs nothing, and no other page shows it. */
const DATA_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * What every answer tells a browser: take it for what it says it is, and what it may load. A handler may set a policy of
 * its own.
 * @param route absent for an answer to what is no request.
 */
export function browserHeaders(route: string | undefined): Readonly<Record<string, string>> {
  const isPage = route !== undefined && isReferencePage(route);
  return {
    'content-security-policy': isPage ? REFERENCE_PAGE_POLICY : DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}
