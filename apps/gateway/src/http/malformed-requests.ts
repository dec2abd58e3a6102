import { AppError } from '@app/errors';
import { problemHeaders, problemOf } from '@app/http-problems';
import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { browserHeaders, serverTiming } from './request-context.js';

/** A host with an optional port (RFC 3986). An empty host is allowed. */
const HOST = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/;

/**
 * Requires exactly one Host header (RFC 9112, section 3.2): a proxy and this server might read different ones of two.
 * Call it first. The server needs `requireHostHeader: false`, or Node answers a missing header with an empty 400.
 */
export function requireOneHost(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const fault = faultOf(request.raw);
    if (fault === undefined) return done();
    // Close the connection: its next bytes may be a smuggled request.
    void reply.header('connection', 'close');
    done(new AppError('invalid_request', fault));
  });
}

function faultOf({ rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter(
    (_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host',
  );
  if (hosts.length > 1) return 'The request has more than one Host header. Send one.';
  if (hosts.some((host) => !HOST.test(host))) return 'The Host header is not a host. Send one.';
  return hosts.length === 0 && httpVersion !== '1.0'
    ? 'The request has no Host header. Send one.'
    : undefined;
}

const CLOSE_WITHIN_MS = 10_000;

const DETAILS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The headers are larger than this service takes.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive within a minute. Send it again, faster.',
};

/** Sends a problem when Node's parser has refused a request, and closes the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const failure = {
    code: 'invalid_request',
    detail: DETAILS[error.code ?? ''] ?? 'This is not an HTTP request that can be read.',
  } as const;
  const requestId = randomUUID();
  const body = JSON.stringify(problemOf(failure, requestId));
  const headers = {
    ...problemHeaders(failure),
    ...browserHeaders(undefined),
    'x-request-id': requestId,
    'server-timing': serverTiming(undefined, 0),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  // Destroy the socket even if the client never closes its side.
  setTimeout(() => socket.destroy(), CLOSE_WITHIN_MS).unref();
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
