import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a client sent through a proxy. */
export interface Sent {
  /** The first word of each message, in the order in which they were sent. */
  readonly messages: readonly string[];
  /** How often a connection sent something after it had heard something: messages that are sent together count once. */
  readonly roundTrips: number;
}

export interface CountingProxy {
  readonly url: string;
  /** What was sent since the last call. */
  take(): Sent;
  close(): Promise<void>;
}

/** Reads the bytes that a client sends on one connection. @returns the first words of the messages that are now complete. */
type MessageReader = (bytes: Buffer) => readonly string[];

/** Answers arrive this much later, so that all messages that are sent together are read before the answer to the first. */
const ANSWER_DELAY_MS = 3;

/** A proxy to a server, which counts what its clients send. It keeps no values: only the first word of each message. */
export async function countingProxy(
  serverUrl: string,
  protocol: 'postgres' | 'redis',
): Promise<CountingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let sent: { messages: string[]; roundTrips: number } = { messages: [], roundTrips: 0 };
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const read = protocol === 'postgres' ? postgresReader() : redisReader();
    let hasHeard = true;
    client.on('data', (bytes: Buffer) => {
      const messages = read(bytes);
      sent.messages.push(...messages);
      if (hasHeard && messages.length > 0) sent.roundTrips += 1;
      if (messages.length > 0) hasHeard = false;
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      setTimeout(() => {
        hasHeard = true;
        client.write(bytes);
      }, ANSWER_DELAY_MS);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(serverUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    take: () => {
      const taken = sent;
      sent = { messages: [], roundTrips: 0 };
      return taken;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

const LENGTH_BYTES = 4;

/**
 * Counts executions: a simple query (Q), or one Execute (E) of a statement that was bound (B). A simple query of several
 * statements counts once. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function postgresReader(): MessageReader {
  let rest = Buffer.alloc(0);
  let isStarted = false;
  let bound = '';
  const words = new Map<string, string>();
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const found: string[] = [];
    for (;;) {
      // Only the first message of a connection has no type.
      const typeBytes = isStarted ? 1 : 0;
      if (rest.length < typeBytes + LENGTH_BYTES) return found;
      const end = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < end) return found;
      const type = isStarted ? rest.toString('latin1', 0, 1) : '';
      const body = rest.subarray(typeBytes + LENGTH_BYTES, end);
      rest = rest.subarray(end);
      isStarted = true;
      if (type === 'Q') found.push(firstWord(textAt(body, 0)));
      if (type === 'P') {
        const name = textAt(body, 0);
        words.set(name, firstWord(textAt(body, name.length + 1)));
      }
      if (type === 'B') bound = words.get(textAt(body, textAt(body, 0).length + 1)) ?? '';
      if (type === 'E') found.push(bound);
    }
  };
}

const textAt = (body: Buffer, from: number): string =>
  body.toString('latin1', from, body.indexOf(0, from));

const firstWord = (sql: string): string => /\w+/.exec(sql)?.[0].toLowerCase() ?? '';

/** Counts commands, which are arrays of bulk strings. https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function redisReader(): MessageReader {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const found: string[] = [];
    for (;;) {
      const command = redisCommand(rest);
      if (command === undefined) return found;
      found.push(command.name);
      rest = rest.subarray(command.end);
    }
  };
}

function redisCommand(bytes: Buffer): { readonly name: string; readonly end: number } | undefined {
  const lineAt = (from: number): { readonly value: number; readonly next: number } | undefined => {
    const end = bytes.indexOf('\r\n', from);
    return end === -1
      ? undefined
      : { value: Number(bytes.toString('latin1', from + 1, end)), next: end + 2 };
  };
  const count = lineAt(0);
  if (count === undefined) return undefined;
  let at = count.next;
  let name = '';
  for (let part = 0; part < count.value; part += 1) {
    const length = lineAt(at);
    if (length === undefined || bytes.length < length.next + length.value + 2) return undefined;
    if (part === 0) name = bytes.toString('latin1', length.next, length.next + length.value);
    at = length.next + length.value + 2;
  }
  return { name: name.toLowerCase(), end: at };
}
