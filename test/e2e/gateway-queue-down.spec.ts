import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { type GatewayBench, startGateway } from '../support/gateway.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const WRITE = { messages: [{ role: 'user', content: 'I live in London.' }], llm: LLM };

/** A door to the real Redis that can be shut. */
async function openDoor(): Promise<{ url: string; shut(): void; close(): Promise<void> }> {
  const { hostname, port } = new URL(inject('redisUrl'));
  const sockets = new Set<Socket>();
  let isShut = false;
  const server: Server = createServer((socket) => {
    if (isShut) {
      socket.destroy();
      return;
    }
    const redis = connect(Number(port), hostname);
    for (const side of [socket, redis]) sockets.add(side.on('error', () => undefined));
    socket.pipe(redis).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const open = typeof address === 'object' ? address?.port : undefined;
  const shut = (): void => {
    isShut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${open}`,
    shut,
    close: async () => {
      shut();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a gateway whose queue has gone away', () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  let gateway: GatewayBench;
  let database: Client;

  beforeAll(async () => {
    door = await openDoor();
    gateway = await startGateway({ QUEUE_URL: door.url });
    database = new Client({ connectionString: gateway.databaseUrl });
    await database.connect();
    door.shut();
  });

  afterAll(async () => {
    await database.end();
    await gateway.close();
    await door.close();
  });

  it('says so of itself, and of what is down', async () => {
    expect(await gateway.send('/health/ready')).toMatchObject({
      status: 503,
      json: { status: 'unavailable', checks: { postgres: 'ok', queue: 'down' } },
    });
  });

  it.each(['', 'respond-async'])(
    'accepts no write that needs it, and ends the row: Prefer %j',
    async (prefer) => {
      const answer = await gateway.send('/agent/memories', { body: WRITE, headers: { prefer } });
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': expect.stringMatching(/^[1-9]/) },
        json: { code: 'unavailable', retryable: true },
      });
      const { rows } = await database.query(
        'select state, request from writes order by created_at desc limit 1',
      );
      expect(rows).toEqual([{ state: 'failed', request: null }]);
    },
  );

  it.each(['', 'respond-async'])('takes no question either: Prefer %j', async (prefer) => {
    const body = { question: 'Where do I live?', llm: LLM };
    expect(await gateway.send('/agent/query', { body, headers: { prefer } })).toMatchObject({
      status: 503,
      json: { code: 'unavailable' },
    });
    const { rows } = await database.query(`select 1 from queries where state <> 'failed'`);
    expect(rows).toEqual([]);
  });

  it('still remembers a fact, which needs no queue', async () => {
    const body = { content: 'Ada lives in London.' };
    expect((await gateway.send('/agent/memories', { body })).status).toBe(200);
  });
});
