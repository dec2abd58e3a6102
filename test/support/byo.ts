import { generateSealingPair } from '@app/caller-keys';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

import { extractionWorkerSettings } from '../../apps/extraction-worker/src/extraction-worker.config.js';
import { ExtractionWorkerModule } from '../../apps/extraction-worker/src/extraction-worker.module.js';
import { queryWorkerSettings } from '../../apps/query-worker/src/query-worker.config.js';
import { QueryWorkerModule } from '../../apps/query-worker/src/query-worker.module.js';
import { type Simulator, startSimulator } from '../../scripts/simulator/index.js';
import { type GatewayBench, type Received, startGateway } from './gateway.js';

export const CALLER_KEY = 'sk-byo-caller-5d0c77e1ab93f246-QX';
export const BUNDLED_KEY = 'sk-ant-operators-own-0123456789';

/** The provider of a caller's target: OpenAI, Anthropic, Azure, or an OpenAI-compatible server of the simulator. */
export type Shape = 'openai' | 'anthropic' | 'azure' | `compat/${string}`;

export interface ByoCall {
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The API key of the call; absent: a new one, so that the call meets no limit on rejected keys. */
  readonly apiKey?: string;
}

/** The gateway and both workers in this process, one simulator for callers' targets and one for the bundled account. */
export interface ByoBench {
  readonly gateway: GatewayBench;
  /** The simulator that callers' targets name. */
  readonly providers: Simulator;
  /** The simulator that the bundled account uses. */
  readonly bundled: Simulator;
  readonly queuePrefix: string;
  llm(shape: Shape, model: string, key?: string): object;
  call(path: string, call: ByoCall): Promise<Received>;
  /** The job at this address, once it has ended. */
  ended(location: string | undefined): Promise<Received>;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function startByo(
  environment: Readonly<Record<string, string>> = {},
): Promise<ByoBench> {
  const [providers, bundled] = [await startSimulator(), await startSimulator()];
  const pair = generateSealingPair('byo');
  const queuePrefix = `byo-${randomUUID()}`;
  const shared = {
    QUEUE_URL: inject('redisUrl'),
    QUEUE_PREFIX: queuePrefix,
    LLM_ALLOWED_HOSTS: `127.0.0.1:${providers.port}`,
    LLM_TIMEOUT_MS: '1500',
    ...environment,
  };
  const gateway = await startGateway({
    ...shared,
    SYNC_WAIT_MS: '30000',
    CALLER_KEY_PUBLIC_KEYS: pair.publicKeys,
    BUNDLED_LLM: 'true',
  });
  const forWorkers = {
    ...shared,
    DATABASE_URL: gateway.databaseUrl,
    DATABASE_POOL_SIZE: '6',
    METRICS_PORT: '0',
    CALLER_KEY_PRIVATE_KEYS: pair.privateKeys,
    BUNDLED_ANTHROPIC_API_KEY: BUNDLED_KEY,
    BUNDLED_ANTHROPIC_BASE_URL: bundled.url,
    SHUTDOWN_GRACE_MS: '100',
  };
  const modules = [
    ExtractionWorkerModule.forRoot(extractionWorkerSettings.parse(forWorkers)),
    QueryWorkerModule.forRoot(queryWorkerSettings.parse(forWorkers)),
  ];
  const workers: INestApplicationContext[] = [];
  for (const module of modules) {
    workers.push(await NestFactory.createApplicationContext(module, { logger: false }));
  }
  const database = new Client({ connectionString: gateway.databaseUrl });
  await database.connect();

  const call = async (path: string, { body, headers, apiKey }: ByoCall): Promise<Received> => {
    const key = apiKey ?? (await gateway.makeKey({}));
    return gateway.send(path, { body, key, ...(headers && { headers }) });
  };
  return {
    gateway,
    providers,
    bundled,
    queuePrefix,
    llm: (shape, model, key = CALLER_KEY) => ({ ...placeOf(shape, providers.url), model, key }),
    call,
    ended: async (location = '') => {
      for (;;) {
        const job = await gateway.send(location);
        if (job.json.state !== 'queued' && job.json.state !== 'running') return job;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    sql: async (text, values = []) => (await database.query(text, [...values])).rows,
    close: async () => {
      await database.end();
      await Promise.all(workers.map((worker) => worker.close()));
      await gateway.close();
      await Promise.all([providers.close(), bundled.close()]);
    },
  };
}

function placeOf(shape: Shape, url: string): object {
  if (shape === 'anthropic') return { provider: 'anthropic', base_url: url };
  if (shape === 'azure')
    return { provider: 'azure', base_url: url, extra: { api_version: '2024-10-21' } };
  return { provider: 'openai', base_url: `${url}/${shape === 'openai' ? '' : `${shape}/`}v1` };
}
