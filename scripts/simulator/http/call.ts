import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { type Fields, fieldsOf, parseJson } from './json.js';

/** One request with its complete body. */
export interface Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; undefined if it is empty or not JSON. */
  readonly body: unknown;
  /** The fields of the body; empty if the body is not a JSON object. */
  readonly fields: Fields;
}

export async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  const url = new URL(request.url ?? '/', 'http://simulator');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    fields: fieldsOf(body),
  };
}

export function headerOf(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The token of `Authorization: Bearer …`; undefined if the header is missing, empty or of another scheme. */
export function bearerOf(call: Call): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headerOf(call, 'authorization') ?? '')?.[1];
}
