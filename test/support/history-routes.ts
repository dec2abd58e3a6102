import { randomUUID } from 'node:crypto';

import { Database } from '@app/persistence';

import { type GatewayBench, type Received, type Sent, startGateway } from './gateway.js';

/** A memory is the same resource under either path, for every route below it. */
export const FAMILIES = ['/memories', '/agent/memories'] as const;

/** A gateway, keys of several kinds, and short ways to make memories and to end them. */
export async function historyRoutes() {
  const gateway: GatewayBench = await startGateway();
  const database = await Database.connect({ url: gateway.databaseUrl, poolSize: 2 });
  const stranger = await gateway.administer('/admin/accounts', { body: { name: 'stranger' } });

  /** Stores a fact that is not stored yet. */
  async function saved(
    fields: Readonly<Record<string, unknown>> = {},
    sent: Sent = {},
  ): Promise<string> {
    const body = { content: `A fact: ${randomUUID()}`, ...fields };
    const { json } = await gateway.send('/agent/memories', { ...sent, body });
    if (json.status !== 'saved') throw new Error(`Not saved: ${JSON.stringify(json)}`);
    return json.memory_id;
  }

  const post = (path: string, body: unknown = {}, sent: Sent = {}): Promise<Received> =>
    gateway.send(path, { ...sent, body });

  return {
    gateway,
    database,
    /** Three API keys: one of another account, one bound to the tenant `blue`, and a read-only one. */
    strangerKey: stranger.json.api_key as string,
    boundKey: await gateway.makeKey({ tenant_id: 'blue' }),
    readOnlyKey: await gateway.makeKey({ read_only: true }),
    saved,
    post,
    supersede: (id: string, body: unknown, sent: Sent = {}) =>
      post(`/memories/${id}/supersede`, body, sent),
    temporalOf: async (id: string) => (await gateway.send(`/memories/${id}`)).json.temporal,
    close: async () => {
      await database.close();
      await gateway.close();
    },
  };
}

export type HistoryRoutes = Awaited<ReturnType<typeof historyRoutes>>;

export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
