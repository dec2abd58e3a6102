import { ProblemFilter } from '@app/http-problems';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';

import { Authentication } from './http/auth/authentication.js';
import { BodyBytes, discardUnreadBodies, readBodies } from './http/body/receive-bodies.js';
import {
  isReferencePage,
  followRequests,
  knownIdOf,
  requestIdOf,
  setIdAndTimingHeaders,
} from './http/request-context.js';
import { notFound } from './http/require-found.js';
import { closeConnectionsAtShutdown, Shutdown } from './http/shutdown.js';
import { refuseConnection, requireOneHost } from './http/malformed-requests.js';
import { refuseOtherMethods } from './http/known-methods.js';
import { makePublic } from './http/auth/route-access.js';
import { RequestPipe } from './http/body/request.pipe.js';
import { serveApiReference } from './openapi/openapi.js';

const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** The body limits of routes that accept larger bodies. */
const LARGER_BODIES: ReadonlyMap<string, number> = new Map([
  ['/agent/memories/batch', 16 * 1024 * 1024],
]);
/** How long a client may take to send a request. The response may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;
/** No id is this long. A longer path parameter answers 404, like an id that does not exist. */
const MAX_PARAM_CHARACTERS = 8_192;

/** Makes the Fastify adapter of the gateway. */
export function makeAdapter({ trustProxy }: { readonly trustProxy: boolean }): FastifyAdapter {
  const problems = new ProblemFilter();
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy,
    // `requireOneHost` answers a missing Host header with a problem; Node would send an empty 400.
    http: { requireHostHeader: false },
    requestIdHeader: false,
    // During the grace period a request on a kept-alive connection is answered like any other.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers),
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS, ignoreTrailingSlash: true },
    // Node calls this when its parser refuses the bytes of a client, before there is a request.
    clientErrorHandler: refuseConnection,
    // Fastify runs no hooks for a URL that it cannot decode. No resource has such a URL, so the answer is 404.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setIdAndTimingHeaders(request, reply);
      problems.send(notFound(), request, reply);
    },
  });
}

/**
 * Installs everything between the network and the controllers. Call it before `init`, on an application made with
 * `bodyParser: false`.
 */
export function configure(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  followRequests(fastify);
  requireOneHost(fastify);
  refuseOtherMethods(fastify);
  closeConnectionsAtShutdown(fastify);
  discardUnreadBodies(fastify);
  fastify.addHook('onRoute', (route) => {
    const bodyLimit = LARGER_BODIES.get(route.url);
    if (bodyLimit !== undefined) route.bodyLimit = bodyLimit;
  });
  makePublic(fastify, isReferencePage);
  app.get(Shutdown).addHooks(fastify);
  app.get(Authentication).addHooks(fastify);
  readBodies(fastify, app.get(BodyBytes));
  app.useGlobalFilters(new ProblemFilter(knownIdOf));
  app.useGlobalPipes(new RequestPipe());
  app.enableShutdownHooks();
  serveApiReference(app);
}
