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
  sayIdAndTimes,
} from './http/request-context.js';
import { notFound } from './http/find.js';
import { closeConnectionsAtShutdown, Shutdown } from './http/shutdown.js';
import { refuseConnection, requireOneHost } from './http/malformed-requests.js';
import { refuseOtherMethods } from './http/known-methods.js';
import { openToAnybody } from './http/auth/route-access.js';
import { RequestPipe } from './http/body/request.pipe.js';
import { serveApiReference } from './openapi/openapi.js';

const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Routes that take more. */
const LARGER_BODIES: ReadonlyMap<string, number> = new Map([
  ['/agent/memories/batch', 16 * 1024 * 1024],
]);
/** How long a client may take to send a request; an answer may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A longer path parameter is no id either, and answers as one that does not exist. */
const MAX_PARAM_CHARACTERS = 8_192;

/** Fastify, as the gateway wants it. */
export function makeAdapter({ trustProxy }: { readonly trustProxy: boolean }): FastifyAdapter {
  const problems = new ProblemFilter();
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy,
    // A missing Host header is answered with a problem, by `requireOneHost`.
    http: { requireHostHeader: false },
    requestIdHeader: false,
    // A kept connection may bring one more request: it is answered like any other, for as long as the grace lasts.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers),
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS, ignoreTrailingSlash: true },
    // What is no HTTP, or too much of it, is refused before there is a request.
    clientErrorHandler: refuseConnection,
    // A URL that cannot be read meets no hook; whatever it was to name does not exist.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sayIdAndTimes(request, reply);
      problems.send(notFound(), request, reply);
    },
  });
}

/** Everything between the wire and the controllers. To be called on an application made with `bodyParser: false`, before `init`. */
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
  openToAnybody(fastify, isReferencePage);
  app.get(Shutdown).attend(fastify);
  app.get(Authentication).attend(fastify);
  readBodies(fastify, app.get(BodyBytes));
  app.useGlobalFilters(new ProblemFilter(knownIdOf));
  app.useGlobalPipes(new RequestPipe());
  app.enableShutdownHooks();
  serveApiReference(app);
}
