export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** The five apps, by the names of their bundles. */
export type App = 'gateway' | 'extraction-worker' | 'query-worker' | 'ops' | 'migrator';

const POSTGRES = ['DATABASE_URL', 'DATABASE_POOL_SIZE'];
const QUEUE = ['QUEUE_URL', 'LOCAL_LAUNCH', 'QUEUE_MAX_DEPTH'];
const EVERY_SERVER = [
  'METRICS_PORT',
  'LISTEN_HOST',
  'SHUTDOWN_GRACE_MS',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];
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

/** What each app may know. The gateway cannot open a sealed key, nor spend on the operator's model account. */
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

/** What any program needs of the machine: where programs, temporary files, certificates and the time zone are. */
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

/** @returns what a program gets of an environment: those names and nothing else. */
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

/** The whole environment of one app: what it needs of what is set, and of what was made up for it. */
export function childSettings(
  app: App,
  given: HostEnvironment,
  invented: HostEnvironment,
): Record<string, string> {
  return pick({ ...given, ...invented }, [...NEEDS[app], 'LOG_LEVEL']);
}
