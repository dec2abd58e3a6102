import { metrics, type RequestContext, requestContext, type TimedPart } from '@app/observability';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { holdsPartOf } from './body/misplaced-keys.js';
import { preferOf, prefersStrictHandling, STRICT_HANDLING } from './preference.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's context for logs and timings. */
    known?: RequestContext;
  }
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The client's X-Request-Id, if it is well-formed and contains no part of the request's credential; else a new id. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const own = headers['x-request-id'];
  if (typeof own !== 'string' || !REQUEST_ID.test(own)) return randomUUID();
  const credentials = [headers.authorization ?? '', String(headers['x-api-key'] ?? '')];
  return holdsPartOf(credentials, own) ? randomUUID() : own;
}

/** The id of a request in responses and logs. */
export const knownIdOf = (request: FastifyRequest): string =>
  request.known?.requestId ?? request.id;

/** Gives every request an id, a context for logs, and timings. The response headers carry the id and the timings. */
export function followRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    // A handler that applies further preferences replaces this header.
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
  // Reading the body loses the context, because the socket's events run outside of it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.known) requestContext.run(request.known, done);
    else done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    setIdAndTimingHeaders(request, reply);
    done(null, payload);
  });
  const logger = new Logger('http');
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    // Log the route, not the URL: a query string may contain a user's question.
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

/** Sets the id and timing headers of a response. A response without hooks needs an explicit call. */
export function setIdAndTimingHeaders(request: FastifyRequest, reply: FastifyReply): void {
  for (const [name, value] of Object.entries(browserHeaders(request.routeOptions.url)))
    if (!reply.hasHeader(name)) void reply.header(name, value);
  void reply
    .header('x-request-id', knownIdOf(request))
    .header('server-timing', serverTiming(request.known?.timings, reply.elapsedTime));
}

/** `llm` is the time spent waiting for a worker, `app` the time in the gateway itself. */
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

/** Allows scripts and data from this server only, and no inline scripts. Swagger UI needs inline styles. */
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

/** For responses that are not pages: a browser runs nothing in them, and no page may frame them. */
const DATA_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Security headers for browsers. A handler may set its own policy.
 * @param route undefined for a response to a malformed request.
 */
export function browserHeaders(route: string | undefined): Readonly<Record<string, string>> {
  const isPage = route !== undefined && isReferencePage(route);
  return {
    'content-security-policy': isPage ? REFERENCE_PAGE_POLICY : DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

/** Whether a path serves the OpenAPI document or its page. Swagger serves both without a controller. */
export const isReferencePage = (url: string): boolean =>
  url === '/openapi.json' || url === '/docs' || url.startsWith('/docs/');
