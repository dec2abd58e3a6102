import { loopbackButOurOwn, loopbackPortOf } from './allowed-hosts.js';
import type { App, HostEnvironment } from './child-settings.js';
import { checkPortIsFree, freePorts } from './ports.js';
import type { LauncherSettings, Secrets } from './settings.js';
import type { Store } from './stores.js';

const PROBED = ['gateway', 'extraction-worker', 'query-worker', 'ops'] as const;
const EVERYWHERE = ['0.0.0.0', '::'];
const OTHERS = ['postgres', 'queue', 'simulator'] as const;

type Probed = (typeof PROBED)[number];

/** Where one part of the product is met. */
interface Address {
  readonly port: number;
}

export type Addresses = Readonly<
  Record<Probed, Address & { readonly metricsPort: number; readonly readyUrl: string }> &
    Record<(typeof OTHERS)[number], Address>
>;

/** Settings name three ports; the others are whatever is free. @throws LaunchFailure when a named one is taken. */
export async function chooseAddresses({
  PORT,
  OPS_PORT,
  METRICS_PORT,
  LISTEN_HOST,
}: LauncherSettings): Promise<Addresses> {
  const free = [...(await freePorts(OTHERS.length + 2 + PROBED.length))];
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
  for (const [index, app] of PROBED.entries()) {
    // One setting, four children: each gets the next port.
    const metricsPort = await named(METRICS_PORT ? METRICS_PORT + index : 0, 'METRICS_PORT');
    const port = ports[app] ?? metricsPort;
    const probePort = app === 'gateway' ? port : metricsPort;
    const readyUrl = `${urlOf(LISTEN_HOST, probePort)}/health/ready`;
    probed.push([app, { port, metricsPort, readyUrl }]);
  }
  const others = OTHERS.map((name) => [name, { port: free.pop()! }] as const);
  return Object.fromEntries([...probed, ...others]) as unknown as Addresses;
}

/** Where this machine reaches what listens on that host. */
export function urlOf(listenHost: string, port: number): string {
  if (EVERYWHERE.includes(listenHost)) return `http://127.0.0.1:${port}`;
  return `http://${listenHost.includes(':') ? `[${listenHost}]` : listenHost}:${port}`;
}

interface Found {
  readonly given: HostEnvironment;
  readonly settings: LauncherSettings;
  readonly addresses: Addresses;
  readonly database: Store;
  readonly queue: Store;
  readonly secrets: Secrets;
}

/** What each app is told on top of what is set, or in place of what is not. */
export function inventSettings(found: Found): (app: App) => HostEnvironment {
  const { given, settings, addresses, database, queue, secrets } = found;
  const common: HostEnvironment = {
    DATABASE_URL: database.url,
    QUEUE_URL: queue.url,
    // Ours is the one way to run with a queue on Postgres.
    LOCAL_LAUNCH: 'true',
    LISTEN_HOST: settings.LISTEN_HOST,
    PORT: String(addresses.gateway.port),
    OPS_PORT: String(addresses.ops.port),
    AURRA_ADMIN_TOKEN: secrets.adminToken,
    OPS_USER: secrets.opsUser,
    OPS_PASSWORD: secrets.opsPassword,
    CALLER_KEY_PUBLIC_KEYS: secrets.publicKeys,
    CALLER_KEY_PRIVATE_KEYS: secrets.privateKeys,
    BUNDLED_LLM: String(Boolean(given['BUNDLED_ANTHROPIC_API_KEY'])),
    LOG_LEVEL: settings.LOG_LEVEL,
    LLM_ALLOWED_HOSTS: given['LLM_ALLOWED_HOSTS'] || loopbackButOurOwn(ownPorts(found)),
  };
  return (app) =>
    app === 'migrator' ? common : { ...common, METRICS_PORT: String(addresses[app].metricsPort) };
}

/** Every port that is ours, but the simulator's: that one is there to be called. */
function ownPorts({ addresses, database, queue }: Found): readonly number[] {
  return [
    ...PROBED.flatMap((app) => [addresses[app].port, addresses[app].metricsPort]),
    ...loopbackPortOf(database.url),
    ...loopbackPortOf(queue.url),
  ];
}
