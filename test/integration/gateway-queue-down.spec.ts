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

let gateway: GatewayBench;

const sendUnder = (body: unknown, key: string) =>
  gateway.send('/agent/memories', { body, headers: { 'idempotency-key': key } });

describe('a gateway that cannot reach its queue', () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  let database: Client;

  beforeAll(async () => {
    door = await openDoor();
    gateway = await startGateway({ QUEUE_URL: door.url, BUNDLED_LLM: 'true' });
    database = new Client({ connectionString: gateway.databaseUrl });
    await database.connect();
    door.shut();
  });

  afterAll(async () => {
    await database.end();
    await gateway.close();
    await door.close();
  });

  it('reports not ready, and names the queue', async () => {
    expect(await gateway.send('/health/ready')).toMatchObject({
      status: 503,
      json: { status: 'unavailable', checks: { postgres: 'ok', queue: 'down' } },
    });
  });

  it.each(['', 'respond-async'])(
    'rejects a write that needs a key, and ends the row: Prefer %j',
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

  it.each(['', 'respond-async'])(
    'accepts a write that needs no key, and leaves it to upkeep: Prefer %j',
    async (prefer) => {
      const body = { messages: WRITE.messages };
      const answer = await gateway.send('/agent/memories', { body, headers: { prefer } });
      expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
      const { rows } = await database.query('select state, waiting from writes where id = $1', [
        answer.json.job_id,
      ]);
      expect(rows).toEqual([{ state: 'queued', waiting: false }]);
    },
  );

  it('accepts the items of a batch that need no key, and rejects the others by index', async () => {
    const bundled = { messages: WRITE.messages };
    const headers = { 'idempotency-key': 'a-batch' };
    const body = { writes: [bundled, WRITE, { content: 'Ada lives in Paris.' }] };
    const answer = await gateway.send('/agent/memories/batch', { body, headers });
    expect(answer).toMatchObject({
      status: 202,
      json: {
        results: [
          { index: 0, status: 'accepted' },
          { index: 1, status: 'refused', problem: { status: 503, code: 'unavailable' } },
          { index: 2, status: 'accepted' },
        ],
      },
    });
    const { rows } = await database.query(
      `select state from writes where created_at = (select created_at from writes where id = $1) order by state`,
      [answer.json.results[0].job_id],
    );
    expect(rows).toEqual([{ state: 'failed' }, { state: 'queued' }, { state: 'queued' }]);
    const again = await gateway.send('/agent/memories/batch', { body, headers });
    expect(again.json.results[1]).toMatchObject({ status: 'refused', problem: { status: 503 } });
    expect(again.json.results[0]).toEqual(answer.json.results[0]);
  });

  it('frees the Idempotency-Key of a rejected call, and keeps that of an accepted one', async () => {
    for (const _time of ['first', 'second']) {
      const refused = await sendUnder(WRITE, 'own-model');
      expect(refused.status).toBe(503);
      expect(refused.headers['idempotency-replayed']).toBeUndefined();
    }
    const accepted = await sendUnder({ messages: WRITE.messages }, 'bundled-model');
    expect(await sendUnder({ messages: WRITE.messages }, 'bundled-model')).toMatchObject({
      status: 202,
      headers: { 'idempotency-replayed': 'true' },
      json: accepted.json,
    });
  });

  it.each(['', 'respond-async'])('rejects a question: Prefer %j', async (prefer) => {
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
