import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { LaunchFailure } from './launch-failure.js';

const POLL_MS = 30;

/** As many free ports as asked for, all different: they are held together and then let go. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, () => listening(0, '127.0.0.1')));
  await Promise.all(probes.map((probe) => probe.close()));
  return probes.map(({ port }) => port);
}

/** @throws LaunchFailure when somebody else listens on it, or we may not. */
export async function checkPortIsFree(port: number, setting: string): Promise<void> {
  for (const host of ['0.0.0.0', '::']) {
    try {
      const probe = await listening(port, host);
      await probe.close();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') {
        throw new LaunchFailure(
          `Port ${port} is in use: stop what listens there, or set ${setting}.`,
        );
      }
      if (code === 'EACCES') {
        throw new LaunchFailure(`Port ${port} may not be opened by this user: set ${setting}.`);
      }
      // A host without IPv6.
      if (host === '0.0.0.0') throw error;
    }
  }
}

/** Resolves once something accepts connections there. */
export async function portAnswers(port: number, signal: AbortSignal): Promise<void> {
  while (!(await accepts(port))) await delay(POLL_MS, undefined, { signal });
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function listening(
  port: number,
  host: string,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer().listen({ port, host });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return {
    port: address.port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
