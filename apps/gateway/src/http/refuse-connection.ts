import { problemHeaders, problemOf } from '@app/http-problems';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { browserHeaders } from './browser-headers.js';
import { serverTiming } from './context.js';

/** Answers what Node's parser refuses as a problem too, and closes: nothing more on this connection can be trusted. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const failure = {
    code: 'invalid_request',
    detail: isTooLarge
      ? 'The headers are larger than this service takes.'
      : 'This is not an HTTP request that can be read.',
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
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
