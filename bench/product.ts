import { spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { generateSealingPair } from '@app/caller-keys';

import type { App } from '../scripts/launcher/child-settings.js';
import { appProgram, checkBundles } from '../scripts/launcher/programs.js';
import { untilReady } from '../test/support/app-process.js';
import { freePorts } from '../test/support/ports.js';
import { type BenchProcess, startProcess } from './processes.js';
import type { Servers } from './servers.js';

type Server = Exclude<App, 'migrator' | 'ops'>;

/** The product's own bundles as processes, started with the arguments of `npm start`. */
export interface Product {
  readonly url: string;
  /** An API key of an account whose plan has no limit. */
  readonly apiKey: string;
  readonly accountId: string;
  readonly apps: Readonly<Partial<Record<Server, BenchProcess>>>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  readonly servers: Servers;
  readonly apps: readonly Server[];
  /** Where the simulator listens, as host:port. */
  readonly providerHost: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startProduct({
  servers,
  apps,
  providerHost,
  environment = {},
}: ProductOptions): Promise<Product> {
  checkBundles(['migrator', ...apps]);
  const pair = generateSealingPair('bench');
  const [port, ...probePorts] = await freePorts(1 + apps.length);
  const adminToken = 'admin-token-of-the-benchmark';
  const settings = {
    DATABASE_URL: servers.databaseUrl,
    QUEUE_URL: servers.queueUrl,
    LISTEN_HOST: '127.0.0.1',
    PORT: String(port),
    AURRA_ADMIN_TOKEN: adminToken,
    CALLER_KEY_PUBLIC_KEYS: pair.publicKeys,
    CALLER_KEY_PRIVATE_KEYS: pair.privateKeys,
    LLM_ALLOWED_HOSTS: providerHost,
    // The model account of the operator, for writes without `llm`.
    BUNDLED_LLM: 'true',
    BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-operators-own-0123456789',
    BUNDLED_ANTHROPIC_BASE_URL: `http://${providerHost}`,
    ...environment,
  };
  const programOf = (app: App, own: Readonly<Record<string, string>> = {}) =>
    appProgram(app, { PATH: process.env['PATH'] }, { ...settings, ...own });

  const migrator = programOf('migrator');
  const migrated = spawnSync(migrator.command, migrator.args, { env: migrator.environment });
  if (migrated.status !== 0) throw new Error(`The migrator failed: ${String(migrated.stderr)}`);

  const started: Partial<Record<Server, BenchProcess>> = {};
  await Promise.all(
    apps.map(async (app, index) => {
      const probePort = probePorts[index] ?? 0;
      const { args, environment: own } = programOf(app, { METRICS_PORT: String(probePort) });
      const running = startProcess(app, args, own);
      started[app] = running;
      const { child } = running;
      await untilReady({ name: app, child, exited: once(child, 'exit'), isOver: false }, probePort);
    }),
  ).catch((error: unknown) => {
    const outputs = Object.values(started).map((app) => app.output());
    throw new Error(`The product did not start:\n${outputs.join('\n')}`, { cause: error });
  });
  const url = `http://127.0.0.1:${port}`;
  const account = await makeAccount(url, adminToken);
  return {
    url,
    apiKey: account.api_key,
    accountId: account.account_id,
    apps: started,
    stop: async () => {
      await Promise.all(Object.values(started).map((app) => app.stop()));
    },
  };
}

interface Account {
  readonly account_id: string;
  readonly api_key: string;
}

async function makeAccount(url: string, adminToken: string): Promise<Account> {
  const response = await fetch(`${url}/admin/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', plan_tier: 'unlimited' }),
  });
  if (!response.ok) throw new Error(`No account was made: ${await response.text()}`);
  return (await response.json()) as Account;
}
