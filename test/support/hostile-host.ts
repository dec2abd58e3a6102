import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A model host that answers whatever its address says. It runs as a process of its own, so that making megabytes costs
 * the tests no time: `node test/support/hostile-host.ts` prints its port.
 *
 * An address is `http://127.0.0.1:<port>/<behaviour>/v1`, the behaviour as JSON in base64url. `GET /calls` tells how many
 * calls each behaviour had, by its id.
 */
export interface Behaviour {
  /** Under this name its calls are counted. */
  readonly id: string;
  readonly status?: number;
  readonly type?: string;
  readonly delayMs?: number;
  /** The body: each text so many times. In a repeated text `%n` is the number of the repetition. */
  readonly parts: readonly (readonly [text: string, times: number])[];
}

const calls: Record<string, number> = {};

const server = createServer((request, response) => {
  // The body is read to its end: a connection that is cut says nothing about the product.
  request.resume().on('end', () => answer(request.url ?? '', response));
});

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

/** One body for each behaviour: what costs the host time would be taken for the product's. */
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
// It ends with the tests, however they end.
process.stdin.resume().on('end', () => process.exit());
