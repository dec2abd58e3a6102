import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cpuMsOf } from './cpu.js';
import { type BenchProcess, startProgram } from './processes.js';
import { startProduct } from './product.js';
import type { Provider } from './provider.js';
import { type ServerCounts, type Servers, startServers } from './servers.js';

/** CPU and counts of all processes of one side, since they started. */
export interface SideCounts extends ServerCounts {
  readonly appsMs: number;
}

/** The product, or the bare programs beside it: each on servers of its own, so that neither pays for the other. */
export interface Side {
  readonly name: 'product' | 'bare';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly servers: Servers;
  readonly worker: BenchProcess | undefined;
  counts(): Promise<SideCounts>;
  close(): Promise<void>;
}

export interface SideOptions {
  readonly provider: Provider;
  /** With the worker that extracts facts. */
  readonly withWorker: boolean;
}

/** As many jobs as a worker of the product runs at once by default. */
const CONCURRENCY = 200;

export async function startProductSide({ provider, withWorker }: SideOptions): Promise<Side> {
  const servers = await startServers();
  const product = await startProduct({
    servers,
    apps: withWorker ? ['gateway', 'extraction-worker'] : ['gateway'],
    providerHost: provider.host,
    environment: { WORKER_CONCURRENCY: String(CONCURRENCY) },
  });
  return side('product', servers, Object.values(product.apps), {
    url: product.url,
    headers: { authorization: `Bearer ${product.apiKey}` },
    worker: product.apps['extraction-worker'],
  });
}

export async function startBareSide({ withWorker }: SideOptions): Promise<Side> {
  const servers = await startServers();
  await servers.sql(readFileSync(join(import.meta.dirname, 'bare/schema.sql'), 'utf8'));
  const queue = new URL(servers.queueUrl);
  const environment = {
    DATABASE_URL: servers.databaseUrl,
    QUEUE_HOST: queue.hostname,
    QUEUE_PORT: queue.port,
    CONCURRENCY: String(CONCURRENCY),
  };
  const gateway = await startProgram('bare/gateway.ts', environment);
  const worker = withWorker ? await startProgram('bare/worker.ts', environment) : undefined;
  return side('bare', servers, [gateway, ...(worker ? [worker] : [])], {
    url: String(gateway.first),
    headers: {},
    worker,
  });
}

function side(
  name: Side['name'],
  servers: Servers,
  apps: readonly BenchProcess[],
  rest: Pick<Side, 'url' | 'headers' | 'worker'>,
): Side {
  return {
    name,
    ...rest,
    servers,
    counts: async () => ({
      ...(await servers.counts()),
      appsMs: apps.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0),
    }),
    close: async () => {
      await Promise.all(apps.map((app) => app.stop()));
      await servers.close();
    },
  };
}

/** What one request has cost on one side. */
export interface Cost {
  readonly perSecond: number;
  readonly appsUs: number;
  readonly postgresUs: number;
  readonly redisUs: number;
  readonly statements: number;
  readonly commands: number;
}

export const cpuUs = ({ appsUs, postgresUs, redisUs }: Cost): number =>
  appsUs + postgresUs + redisUs;

export function costOf(
  before: SideCounts,
  after: SideCounts,
  requests: number,
  seconds: number,
): Cost {
  const each = (name: keyof SideCounts): number => (after[name] - before[name]) / requests;
  return {
    perSecond: requests / seconds,
    appsUs: each('appsMs') * 1_000,
    postgresUs: each('postgresMs') * 1_000,
    redisUs: each('redisMs') * 1_000,
    statements: each('statements'),
    commands: each('commands'),
  };
}
