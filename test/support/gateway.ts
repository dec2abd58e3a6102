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
  // The type is open, because each test checks the fields that it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

/** One gateway in this process, on a database of its own, with an account; no worker takes its jobs. */
export interface GatewayBench {
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  readonly accountId: string;
  readonly adminToken: string;
  /** Every route that is served, as `METHOD /path/:id`. */
  readonly routes: readonly string[];
  send(url: string, sent?: Sent): Promise<Received>;
  /** Sends a call with the operator's token. */
  administer(url: string, sent?: Sent): Promise<Received>;
  /** Makes an API key of the account; `fields` is the body of the call. */
  makeKey(fields: unknown): Promise<string>;
  close(): Promise<void>;
}

/** @param planTier tier of the bench's account. The default has no limits. */
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
  const { app, routes } = await createGateway(settings);
  const administer = (url: string, sent: Sent = {}): Promise<Received> =>
    sendTo(app, url, { key: adminToken, ...sent });
  // If a test leaves out AURRA_ADMIN_TOKEN, this call is refused and the bench has no account.
  const { json: account } = await administer('/admin/accounts', {
    body: { name: 'test', plan_tier: planTier },
  });
  return {
    app,
    databaseUrl: database.url,
    accountId: account.account_id,
    adminToken,
    routes,
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
): Promise<{ readonly app: NestFastifyApplication; readonly routes: readonly string[] }> {
  const module = await Test.createTestingModule({
    imports: [GatewayModule.forRoot(settings)],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(
    makeAdapter({ trustProxy: false }),
    { bodyParser: false, logger: false },
  );
  const routes: string[] = [];
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ method, url }) => {
    routes.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  configure(app);
  await app.init();
  await fastify.ready();
  return { app, routes };
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
