import { problemHeaders, problemOf } from '@app/http-problems';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { browserHeaders } from './browser-headers.js';
import { serverTiming } from './context.js';

const CLOSE_WITHIN_MS = 10_000;

const DETAILS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The headers are larger than this service takes.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive within a minute. Send it again, faster.',
};

/** Answers what Node's parser refuses as a problem too, and closes: nothing more on this connection can be trusted. */
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
  // The client may go on sending and never close: what it holds here is let go all the same.
  setTimeout(() => socket.destroy(), CLOSE_WITHIN_MS).unref();
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
