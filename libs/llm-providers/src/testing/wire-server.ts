import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Egress, EgressPolicy } from '@app/egress';
import { afterAll } from 'vitest';

/** One answer as a provider would send it. A body that is no string goes out as JSON. */
export interface Recording {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Respond = (response: ServerResponse, request: SentRequest) => void;

/** A provider on loopback. It sends the given answers and records the requests. */
export interface WireServer {
  readonly url: string;
  readonly sent: SentRequest[];
  /** The next answers, in order; the last one is repeated. */
  answer(...recordings: readonly (Recording | Respond)[]): void;
  close(): Promise<void>;
}

export async function startWireServer(): Promise<WireServer> {
  const sent: SentRequest[] = [];
  let script: (Recording | Respond)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString() };
      sent.push(asked);
      const next = script.length > 1 ? script.shift() : script[0];
      if (typeof next === 'function') next(response, asked);
      else if (next) send(response, next);
      else response.destroy();
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    answer: (...recordings) => {
      sent.length = 0;
      script = [...recordings];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}

/** A wire server and an egress that may call it, for all tests of a file. Used with `await` at the top of the file. */
export async function wirePerFile(): Promise<{
  readonly server: WireServer;
  readonly egress: Egress;
}> {
  const server = await startWireServer();
  const egress = new Egress(new EgressPolicy({ mode: 'listed', allowedHosts: ['127.0.0.1'] }));
  afterAll(async () => {
    await egress.close();
    await server.close();
  });
  return { server, egress };
}

function send(response: ServerResponse, { status, headers, body }: Recording): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Server-sent events, each with its name if it has one. */
export function eventStream(events: readonly { event?: string; data: unknown }[]): Recording {
  const body = events
    .map(({ event, data }) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
    })
    .join('');
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
}
