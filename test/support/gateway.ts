import { generateSealingPair } from '@app/caller-keys';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

import { configure, makeAdapter } from '../../apps/gateway/src/configure.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway.config.js';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { freshDatabase } from './databases.js';

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** A string is sent as it is. */
  readonly body?: unknown;
  /** Absent: the account's first API key. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  // The wire's own shapes: each test says what it expects of them.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

/** One gateway in this process, on a database of its own, with an account; no worker takes its jobs. */
export interface GatewayBench {
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  readonly accountId: string;
  readonly adminToken: string;
  send(url: string, sent?: Sent): Promise<Received>;
  /** The same with the operator's token. */
  administer(url: string, sent?: Sent): Promise<Received>;
  /** An API key of the account, with these fields of the wire. */
  makeKey(fields: unknown): Promise<string>;
  close(): Promise<void>;
}

/** @param planTier of its account: what is not about limits has none. */
export async function startGateway(
  environment: Readonly<Record<string, string | undefined>> = {},
  planTier = 'unlimited',
): Promise<GatewayBench> {
  const database = await freshDatabase();
  const adminToken = `admin-${randomUUID()}`;
  const settings = gatewaySettings.parse({
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '4',
    QUEUE_URL: inject('redisUrl'),
    QUEUE_PREFIX: `gateway-${randomUUID()}`,
    METRICS_PORT: '0',
    CALLER_KEY_PUBLIC_KEYS: generateSealingPair('test').publicKeys,
    SYNC_WAIT_MS: '1000',
    AURRA_ADMIN_TOKEN: adminToken,
    ...environment,
  });
  const app = await createGateway(settings);
  const administer = (url: string, sent: Sent = {}): Promise<Received> =>
    sendTo(app, url, { key: adminToken, ...sent });
  // Without a token there is no account either.
  const { json: account } = await administer('/admin/accounts', {
    body: { name: 'test', plan_tier: planTier },
  });
  return {
    app,
    databaseUrl: database.url,
    accountId: account.account_id,
    adminToken,
    send: (url, sent = {}) => sendTo(app, url, { key: account.api_key, ...sent }),
    administer,
    makeKey: async (fields) => {
      const made = await administer(`/admin/accounts/${account.account_id}/keys`, { body: fields });
      return made.json.api_key;
    },
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

async function createGateway(
  settings: Parameters<typeof GatewayModule.forRoot>[0],
): Promise<NestFastifyApplication> {
  const module = await Test.createTestingModule({
    imports: [GatewayModule.forRoot(settings)],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(
    makeAdapter({ trustProxy: false }),
    { bodyParser: false, logger: false },
  );
  configure(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

async function sendTo(
  app: NestFastifyApplication,
  url: string,
  { method, body, key = '', headers = {} }: Sent,
): Promise<Received> {
  const answer = await app.inject({
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers as Record<string, string>,
    json: isJson ? answer.json() : undefined,
  };
}
