import { once } from 'node:events';
import { createServer } from 'node:net';

import { LaunchFailure } from './launch-failure.js';
import type { LauncherSettings } from './settings.js';

/** Finds `count` different free ports: all are opened at once, then closed. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, () => listening(0, '127.0.0.1')));
  await Promise.all(probes.map((probe) => probe.close()));
  return probes.map(({ port }) => port);
}

/** @throws LaunchFailure when the port is in use, or this user may not open it. */
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
      // Any other error for `::` means that this machine has no IPv6.
      if (host === '0.0.0.0') throw error;
    }
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

export const PROBED_APPS = ['gateway', 'extraction-worker', 'query-worker', 'ops'] as const;
const EVERYWHERE = ['0.0.0.0', '::'];
const OTHERS = ['postgres', 'queue', 'simulator'] as const;

type Probed = (typeof PROBED_APPS)[number];

/** The port of one part of the product. */
interface Address {
  readonly port: number;
}

export type Addresses = Readonly<
  Record<Probed, Address & { readonly metricsPort: number; readonly readyUrl: string }> &
    Record<(typeof OTHERS)[number], Address>
>;

/** Three ports come from settings; the others are any free ports. @throws LaunchFailure when a port from a setting is in use. */
export async function chooseAddresses({
  PORT,
  OPS_PORT,
  METRICS_PORT,
  LISTEN_HOST,
}: LauncherSettings): Promise<Addresses> {
  const free = [...(await freePorts(OTHERS.length + 2 + PROBED_APPS.length))];
  const named = async (port: number, setting: string): Promise<number> => {
    if (port === 0) return free.pop()!;
    await checkPortIsFree(port, setting);
    return port;
  };
  const ports: Partial<Record<Probed, number>> = {
    gateway: await named(PORT, 'PORT'),
    ops: await named(OPS_PORT, 'OPS_PORT'),
  };
  const probed: [string, object][] = [];
  for (const [index, app] of PROBED_APPS.entries()) {
    // METRICS_PORT is one setting for four processes: each process gets the next port.
    const metricsPort = await named(METRICS_PORT ? METRICS_PORT + index : 0, 'METRICS_PORT');
    const port = ports[app] ?? metricsPort;
    const probePort = app === 'gateway' ? port : metricsPort;
    const readyUrl = `${urlOf(LISTEN_HOST, probePort)}/health/ready`;
    probed.push([app, { port, metricsPort, readyUrl }]);
  }
  const others = OTHERS.map((name) => [name, { port: free.pop()! }] as const);
  return Object.fromEntries([...probed, ...others]) as unknown as Addresses;
}

/** The URL under which this machine reaches a server that listens on `listenHost`. */
export function urlOf(listenHost: string, port: number): string {
  if (EVERYWHERE.includes(listenHost)) return `http://127.0.0.1:${port}`;
  return `http://${listenHost.includes(':') ? `[${listenHost}]` : listenHost}:${port}`;
}
