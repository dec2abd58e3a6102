import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the range from which Linux takes the local ports of outgoing connections: none of them can take a port first. */
const FIRST = 12_000;
const LAST = 32_000;
const RANGE = 250;

/** The first port of the range of this process. */
let range: Promise<number> | undefined;
let taken = 0;

/**
 * As many free ports as asked for, all different. A port is released before its server binds it, and test files run side by
 * side, so each process looks for ports in a range of its own.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const first = await (range ??= ownRange());
  const found: number[] = [];
  while (found.length < count) {
    const port = first + 1 + (taken++ % (RANGE - 1));
    if (await isFree(port)) found.push(port);
  }
  return found;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** A process owns the range whose first port it listens on, until it ends in any way. */
async function ownRange(): Promise<number> {
  for (let first = FIRST; first < LAST; first += RANGE) {
    const guard = await listening(first, '127.0.0.1');
    guard?.unref();
    if (guard) return first;
  }
  throw new Error(`Every range of ports between ${FIRST} and ${LAST} has an owner.`);
}

/** Apps listen on all addresses, servers of the tests on 127.0.0.1 alone: both must be free. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const probe = await listening(port, host);
    if (!probe) return false;
    probe.close();
    await once(probe, 'close');
  }
  return true;
}

async function listening(port: number, host: string): Promise<Server | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
