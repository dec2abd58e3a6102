import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A model host that answers as its address says, and a client that sends the same request many times. It runs as a separate
 * process, so that an attack does not slow the tests down: `node test/support/hostile-host.ts` prints its port.
 *
 * An address is `http://127.0.0.1:<port>/<behaviour>/v1`, the behaviour as JSON in base64url. `GET /calls` returns the number
 * of calls by the behaviour's id. `POST /fire` sends a volley and returns the statuses. `POST /hold` opens connections that
 * never end their request, and returns the first line of each answer.
 */
export interface Behaviour {
  /** The name under which its calls are counted. */
  readonly id: string;
  readonly status?: number;
  readonly type?: string;
  readonly delayMs?: number;
  /** The body: each text, repeated `times` times. In a repeated text `%n` is the number of the repetition. */
  readonly parts: readonly (readonly [text: string, times: number])[];
}

/** The same request many times at once; `%n` in its body is the number of the repetition. */
export interface Volley {
  readonly times: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Requests of the same head, each with all but the last byte of a body of blanks. */
export interface HeldRequests {
  readonly times: number;
  readonly port: number;
  /** Ends with an empty line. */
  readonly head: string;
  readonly bytes: number;
}

const HEARD_WITHIN_MS = 10_000;

const calls: Record<string, number> = {};

const server = createServer((request, response) => {
  if (request.url === '/fire') void fire(request, response);
  else if (request.url === '/hold') void hold(request, response);
  // The request is read to its end: an early answer could cut the connection, which would not be a fault of the product.
  else request.resume().on('end', () => answer(request.url ?? '', response));
});

async function fire(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { times, url, method, headers, body } = (await json(request)) as Volley;
  const sent = Array.from({ length: times }, async (_, n) => {
    const answered = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body: body.replaceAll('%n', String(n)) }),
    });
    await answered.arrayBuffer();
    return answered.status;
  });
  response.end(JSON.stringify(await Promise.all(sent)));
}

async function hold(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { times, port, head, bytes } = (await json(request)) as HeldRequests;
  const body = Buffer.alloc(bytes - 1, ' ');
  const lines = Array.from({ length: times }, async () => {
    const socket = connect(port, '127.0.0.1');
    // The product may close a connection that it does not want to read.
    socket.on('error', () => undefined);
    const heard = once(socket, 'data').then(([data]) => String(data).split('\r\n', 1)[0] ?? '');
    socket.write(head);
    socket.write(body);
    const line = await Promise.race([heard, delay(HEARD_WITHIN_MS).then(() => 'nothing')]);
    socket.destroy();
    return line;
  });
  response.end(JSON.stringify(await Promise.all(lines)));
}

function answer(url: string, response: ServerResponse): void {
  if (url === '/calls') return void response.end(JSON.stringify(calls));
  const encoded = url.split('/')[1] ?? '';
  const behaviour = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as Behaviour;
  calls[behaviour.id] = (calls[behaviour.id] ?? 0) + 1;
  const body = bodyOf(behaviour);
  setTimeout(() => {
    response.writeHead(behaviour.status ?? 200, {
      'content-type': behaviour.type ?? 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  }, behaviour.delayMs ?? 0);
}

/** Bodies by the behaviour's id. Each is built once, because a slow host would look like a slow product. */
const bodies = new Map<string, Buffer>();

function bodyOf({ id, parts }: Behaviour): Buffer {
  const known = bodies.get(id);
  if (known) return known;
  const texts = parts.map(([text, times]) =>
    text.includes('%n')
      ? Array.from({ length: times }, (_, n) => text.replaceAll('%n', String(n))).join('')
      : text.repeat(times),
  );
  const body = Buffer.from(texts.join(''));
  bodies.set(id, body);
  return body;
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
// The standard input closes when the tests end in any way.
process.stdin.resume().on('end', () => process.exit());
