import { type Addresses, PROBED_APPS } from './addresses.js';
import type { Store } from './provide-database.js';
import type { LauncherSettings, Secrets } from './settings.js';
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** The five apps, by the names of their bundles. */
export type App = 'gateway' | 'extraction-worker' | 'query-worker' | 'ops' | 'migrator';

const POSTGRES = ['DATABASE_URL', 'DATABASE_POOL_SIZE'];
const QUEUE = ['QUEUE_URL', 'LOCAL_LAUNCH', 'QUEUE_MAX_DEPTH'];
const EVERY_SERVER = ['METRICS_PORT', 'LISTEN_HOST', 'SHUTDOWN_GRACE_MS'];
const LLM_CALLS = [
  'LLM_EGRESS',
  'LLM_ALLOWED_HOSTS',
  'LLM_TIMEOUT_MS',
  'ATTEMPT_TIMEOUT_MS',
  'SYNC_WAIT_MS',
  'CALLER_KEY_TTL_MS',
];

const WORKER = [
  ...POSTGRES,
  ...QUEUE,
  ...EVERY_SERVER,
  ...LLM_CALLS,
  'CALLER_KEY_PRIVATE_KEYS',
  'BUNDLED_ANTHROPIC_API_KEY',
  'BUNDLED_ANTHROPIC_BASE_URL',
  'BUNDLED_EXTRACTION_MODEL',
  'BUNDLED_ANSWER_MODEL',
  'RECONCILE_INTERVAL_MS',
  'WORKER_CONCURRENCY',
];

/** The settings that each app receives. The gateway gets neither the private keys nor the operator's provider key. */
const NEEDS: Readonly<Record<App, readonly string[]>> = {
  gateway: [
    ...POSTGRES,
    ...QUEUE,
    ...EVERY_SERVER,
    ...LLM_CALLS,
    'PORT',
    'MAX_BODY_BYTES_IN_FLIGHT',
    'AURRA_ADMIN_TOKEN',
    'CALLER_KEY_PUBLIC_KEYS',
    'BUNDLED_LLM',
    'PLANS',
    'TRUST_PROXY',
  ],
  'extraction-worker': WORKER,
  'query-worker': WORKER,
  ops: [...QUEUE, ...EVERY_SERVER, 'OPS_PORT', 'OPS_USER', 'OPS_PASSWORD', 'OPS_READ_ONLY'],
  migrator: ['DATABASE_URL'],
};

/** Variables that every program needs: paths of programs, temporary files and certificates, and the time zone. */
const SURROUNDINGS = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'SYSTEMROOT',
  'TZ',
  'LANG',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Keeps the variables that every program needs and those in `names`; drops all others. */
export function pick(
  environment: HostEnvironment,
  names: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    [...SURROUNDINGS, ...names].flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/** The whole environment of one app. Values of `invented` replace those of the launcher's own environment. */
export function childSettings(
  app: App,
  given: HostEnvironment,
  invented: HostEnvironment,
): Record<string, string> {
  return pick({ ...given, ...invented }, [...NEEDS[app], 'LOG_LEVEL']);
}
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The default of `LLM_ALLOWED_HOSTS`: this machine, so that a local Ollama or vLLM works. The ports of this launch are
 * excluded, because a caller must not reach its database through a worker. The egress policy excludes a port of 127.0.0.1
 * under every name of this machine.
 */
export function loopbackButOurOwn(ports: readonly number[]): string {
  const own = [...new Set(ports)].map((port) => `!127.0.0.1:${port}`);
  return [...THIS_MACHINE, ...own].join(',');
}

/** The port of a store on this machine, which callers must not reach; empty for a store elsewhere. */
export function loopbackPortOf(url: string | undefined): readonly number[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  const isLoopback = THIS_MACHINE.includes(hostname) || hostname.startsWith('127.');
  if (!isLoopback) return [];
  return [Number(port) || (protocol.startsWith('redis') ? 6379 : 5432)];
}

interface Found {
  readonly given: HostEnvironment;
  readonly settings: LauncherSettings;
  readonly addresses: Addresses;
  readonly database: Store;
  readonly queue: Store;
  readonly secrets: Secrets;
}

/** Settings that the launcher makes for each app: addresses, stores and secrets of this run. */
export function inventSettings(found: Found): (app: App) => HostEnvironment {
  const { given, settings, addresses, database, queue, secrets } = found;
  const common: HostEnvironment = {
    DATABASE_URL: database.url,
    QUEUE_URL: queue.url,
    // Allows a queue on Postgres, which only this launcher may use.
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

/** Every port of this launch except the simulator's, which callers may call. */
function ownPorts({ addresses, database, queue }: Found): readonly number[] {
  return [
    ...PROBED_APPS.flatMap((app) => [addresses[app].port, addresses[app].metricsPort]),
    ...loopbackPortOf(database.url),
    ...loopbackPortOf(queue.url),
  ];
}
