import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateSealingPair } from '@app/caller-keys';

import { inject } from 'vitest';

import { type Simulator, startSimulator } from '../../scripts/simulator/index.js';
import { freePorts } from './ports.js';
import {
  type AppProcess,
  end,
  hasCrashed,
  metricsAt,
  readinessAt,
  residentBytes,
  startApp,
  untilReady,
} from './app-process.js';
import { freshDatabase, type FreshDatabase } from './databases.js';

/** Variables that an operator's shell may hold. Every process is started with them, to show that none is sent to a provider. */
const POISON = {
  OPENAI_API_KEY: 'sk-poison-openai-0123456789',
  OPENAI_ORG_ID: 'org-poison',
  OPENAI_PROJECT_ID: 'proj-poison',
  OPENAI_BASE_URL: 'http://127.0.0.1:9/poison',
  OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-poison-header-0123456789',
  ANTHROPIC_API_KEY: 'sk-poison-anthropic-0123456789',
  ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: sk-poison-header-0123456789',
  ANTHROPIC_AUTH_TOKEN: 'poison-token-0123456789',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/poison',
  AZURE_OPENAI_API_KEY: 'poison-azure-0123456789',
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9/poison',
  AWS_ACCESS_KEY_ID: 'AKIAPOISON0123456789',
  AWS_SECRET_ACCESS_KEY: 'poison-aws-0123456789',
  AWS_SESSION_TOKEN: 'poison-aws-session-0123456789',
  GOOGLE_API_KEY: 'poison-google-0123456789',
  GOOGLE_APPLICATION_CREDENTIALS: '/poison.json',
  GEMINI_API_KEY: 'poison-gemini-0123456789',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
};

const COMPILED = join(tmpdir(), 'aurra-test-compiled');

export interface Product {
  readonly url: string;
  readonly opsUrl: string;
  readonly opsLogin: string;
  readonly adminToken: string;
  readonly database: FreshDatabase;
  readonly queuePrefix: string;
  readonly simulator: Simulator;
  /** Everything that every process has written, at the level of `LOG_LEVEL`, which is `info` unless a test sets it. */
  logs(): string;
  /** Where the second gateway listens, if there is one. */
  readonly secondUrl: string;
  /** Ends the process of one app, with SIGKILL unless told otherwise, and starts it again. */
  restart(app: string, signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal to the process of one app. */
  signal(app: string, signal: NodeJS.Signals): void;
  /** The answer of an app's readiness probe; undefined: the app does not answer. */
  readiness(app: string): Promise<{ readonly status: number; readonly body: string } | undefined>;
  /** Apps whose process ended though no test had ended it, since the start. */
  crashed(): readonly string[];
  /** Bytes that the process of one app has in memory. */
  memory(app: string): number;
  /** The text of each app's metrics port. */
  metrics(): Promise<Readonly<Record<string, string>>>;
  /** A call with the account's API key; a body is sent as JSON. */
  call(path: string, options?: CallOptions): Promise<Answered>;
  /** The API key of one more account: what is counted for one is not counted for another. */
  makeAccount(): Promise<string>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly apiKey?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The body of the answer, unparsed. */
  readonly text: string;
  // The wire's own shapes: each test says what it expects of them.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface ProductOptions {
  readonly queue?: 'redis' | 'postgres';
  /** Settings beside the ones that every test needs, or in their place. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings of one app, in place of those of all. */
  readonly settingsOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The key of a bundled account at the simulator. */
  readonly bundledKey?: string;
  /** Servers that this product has to itself, and may be without for a while. */
  readonly servers?: { readonly database: FreshDatabase; readonly queueUrl: string };
  /** With the operator's app, which few tests need. */
  readonly withOps?: boolean;
  /** Apps that run twice: the second process of `gateway` is `gateway-2`. */
  readonly twice?: readonly string[];
}

/** The bundles of `npm run build`, as processes, on a real Postgres and queue, with the simulator for providers. */
export async function startProduct({
  queue = 'redis',
  environment = {},
  settingsOf = {},
  bundledKey,
  servers,
  withOps = false,
  twice = [],
}: ProductOptions = {}): Promise<Product> {
  const [database, simulator] = [
    servers?.database ?? (await freshDatabase()),
    await startSimulator(),
  ];
  const [port, secondPort, opsPort, ...probePorts] = await freePorts(7 + twice.length);
  const pair = generateSealingPair('e2e');
  const adminToken = `admin-${randomUUID()}`;
  const queuePrefix = `e2e-${randomUUID()}`;
  const shared = {
    ...POISON,
    PATH: process.env['PATH'] ?? '',
    // Each bundle is compiled once in a run, not at each start.
    NODE_COMPILE_CACHE: COMPILED,
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '4',
    QUEUE_URL: queue === 'redis' ? (servers?.queueUrl ?? inject('redisUrl')) : database.url,
    QUEUE_PREFIX: queuePrefix,
    LOCAL_LAUNCH: String(queue === 'postgres'),
    LLM_ALLOWED_HOSTS: `127.0.0.1:${simulator.port}`,
    LOG_LEVEL: 'info',
    ...environment,
  };
  const worker = {
    ...shared,
    SHUTDOWN_GRACE_MS: '200',
    CALLER_KEY_PRIVATE_KEYS: pair.privateKeys,
    ...(bundledKey !== undefined && {
      BUNDLED_ANTHROPIC_API_KEY: bundledKey,
      BUNDLED_ANTHROPIC_BASE_URL: simulator.url,
    }),
  };
  const single: Readonly<Record<string, Record<string, string>>> = {
    gateway: {
      ...shared,
      PORT: String(port),
      AURRA_ADMIN_TOKEN: adminToken,
      CALLER_KEY_PUBLIC_KEYS: pair.publicKeys,
      BUNDLED_LLM: String(bundledKey !== undefined),
    },
    'extraction-worker': worker,
    'query-worker': worker,
    ...(withOps && {
      ops: {
        ...shared,
        OPS_PORT: String(opsPort),
        OPS_USER: 'operator',
        OPS_PASSWORD: 'operator-password',
      },
    }),
  };
  const settings: Readonly<Record<string, Record<string, string>>> = {
    ...single,
    ...Object.fromEntries(
      twice.map((app) => [`${app}-2`, { ...single[app], PORT: String(secondPort) }]),
    ),
  };
  const apps = new Map<string, AppProcess>();
  const started: AppProcess[] = [];
  const written: string[] = [];
  const probePortOf = (app: string): number => probePorts[Object.keys(settings).indexOf(app)] ?? 0;
  const start = async (app: string): Promise<void> => {
    const probePort = probePortOf(app);
    const own = { ...settings[app], ...settingsOf[app], METRICS_PORT: String(probePort) };
    const process = startApp(app, own, written);
    apps.set(app, process);
    started.push(process);
    await untilReady(process, probePort);
  };
  const url = `http://127.0.0.1:${port}`;
  const call = (path: string, options: CallOptions = {}): Promise<Answered> =>
    callApi(url, path, { apiKey, ...options });
  const stop = async (): Promise<void> => {
    await Promise.all([...apps.values()].map((app) => end(app, 'SIGTERM')));
    await simulator.close();
    await database.drop();
  };
  const makeAccount = async (): Promise<string> => {
    const body = { name: 'e2e', plan_tier: 'unlimited' };
    return (await call('/admin/accounts', { body, apiKey: adminToken })).json.api_key;
  };
  let apiKey = adminToken;
  try {
    await Promise.all(Object.keys(settings).map(start));
    apiKey = await makeAccount();
  } catch (error) {
    await stop();
    throw new Error(`The product did not start:\n${written.join('')}`, { cause: error });
  }
  return {
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    opsLogin: `Basic ${Buffer.from('operator:operator-password').toString('base64')}`,
    adminToken,
    database,
    queuePrefix,
    simulator,
    logs: () => written.join(''),
    secondUrl: `http://127.0.0.1:${secondPort}`,
    restart: async (app, signal = 'SIGKILL') => {
      const process = apps.get(app);
      if (process) await end(process, signal);
      await start(app);
    },
    signal: (app, signal) => {
      apps.get(app)?.child.kill(signal);
    },
    readiness: (app) => readinessAt(probePortOf(app)),
    crashed: () => started.filter(hasCrashed).map(({ name }) => name),
    memory: (app) => residentBytes(apps.get(app)?.child.pid),
    metrics: async () => {
      const read = Object.keys(settings).map(
        async (app) => [app, await metricsAt(probePortOf(app))] as const,
      );
      return Object.fromEntries(await Promise.all(read));
    },
    call,
    makeAccount,
    stop,
  };
}

async function callApi(
  url: string,
  path: string,
  { method, body, headers = {}, apiKey = '' }: CallOptions,
): Promise<Answered> {
  const response = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
