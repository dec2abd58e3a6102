import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes the local ports of outgoing connections: none of them can take a port first. */
const FIRST = 12_000;
const LAST = 32_000;

/** A port is released before its server binds it, so two processes must never look at the same ports at a time. */
const RANGES = 8;

/** The runner's workers have the numbers from 1 on; the process that starts the servers of a run has none. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
if (worker >= RANGES) throw new Error(`Worker ${worker} has no ports of its own: raise RANGES.`);

const size = Math.floor((LAST - FIRST) / RANGES);
const first = FIRST + worker * size;
/** Another run on this machine has the same ranges: each begins anywhere in them. */
let next = Math.floor(Math.random() * size);

/** As many free ports as asked for, all different, of the range of this worker of the test runner. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = first + (next++ % size);
    if (await isFree(port)) found.push(port);
  }
  return found;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Apps listen on all addresses, servers of the tests on 127.0.0.1 alone: both must be free. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::']) if (!(await canListen(port, host))) return false;
  return true;
}

async function canListen(port: number, host: string): Promise<boolean> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    // This machine has no IPv6.
    return host === '::' && (error as NodeJS.ErrnoException).code !== 'EADDRINUSE';
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
