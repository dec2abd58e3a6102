import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes the local ports of outgoing connections: none of them can take a port first. */
const FIRST = 12_000;
const LAST = 32_000;

/**
 * As many free ports as asked for, all different. Test files run side by side, and a port is released before its server
 * binds it: random ports make it unlikely that two files choose the same one.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
