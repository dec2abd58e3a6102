import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';

import { freePorts } from '../support/ports.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const WRITE = { messages: [{ role: 'user', content: 'I live in London.' }], llm: LLM };

let gateway: GatewayBench;
let closed: Promise<void> | undefined;
afterEach(() => closed ?? gateway.close());

async function open(environment: Record<string, string>): Promise<{
  post: (path: string, body: unknown) => Promise<Response>;
  get: (path: string) => Promise<Response>;
}> {
  gateway = await startGateway({ SYNC_WAIT_MS: '60000', ...environment });
  closed = undefined;
  await gateway.app.listen(0, '127.0.0.1');
  const url = (await gateway.app.getUrl()).replace('[::1]', '127.0.0.1');
  const key = await gateway.makeKey({ name: 'test' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    post: (path, body) =>
      fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) }),
    get: (path) => fetch(url + path, { headers }),
  };
}

/** Until the gateway waits for so many jobs. */
async function isWaiting(): Promise<void> {
  const { server } = gateway.app.getHttpAdapter().getInstance();
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 500));
}

describe('a gateway that shuts down', () => {
  it('finishes its requests: a waiting write gets 202, a question gets 503', async () => {
    const { post } = await open({ SHUTDOWN_GRACE_MS: '300' });
    const write = post('/agent/memories', WRITE);
    const question = post('/agent/query', { question: 'Where do I live?', llm: LLM });
    const check = post('/llm/verify', { llm: LLM });
    await isWaiting();
    closed = gateway.close();

    const accepted = await write;
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toMatch(/^\/agent\/jobs\//);
    expect(accepted.headers.get('connection')).toBe('close');
    for (const answer of [await question, await check]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]/);
      expect(await answer.json()).toMatchObject({ code: 'unavailable', retryable: true });
    }
    await closed;
  });

  it('answers 503 to requests that hang, and exits', async () => {
    const { get } = await open({ SHUTDOWN_GRACE_MS: '100' });
    const lock = new Client({ connectionString: gateway.databaseUrl });
    await lock.connect();
    await lock.query('begin; lock table memories in access exclusive mode');
    const listing = get('/agent/memories');
    await isWaiting();
    closed = gateway.close();
    const answer = await listing;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
    await lock.end();
    await closed;
  });

  it('is not ready from the first moment on', async () => {
    const [port] = await freePorts(1);
    const { post } = await open({ SHUTDOWN_GRACE_MS: '1000', METRICS_PORT: String(port) });
    const write = post('/agent/memories', WRITE);
    await isWaiting();
    const probe = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).json();
    expect(await probe('/health/ready')).toMatchObject({ status: 'ok' });
    closed = gateway.close();
    await expect
      .poll(() => probe('/health/ready'), { interval: 20, timeout: 5_000 })
      .toEqual({ status: 'unavailable', checks: { process: 'stopping' } });
    expect(await probe('/health/live')).toEqual({ status: 'ok' });
    expect((await write).status).toBe(202);
  });
});
