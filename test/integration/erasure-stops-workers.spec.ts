import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { type GatewayBench, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const PREFIX = 'erasure-stops-workers';

let gateway: GatewayBench;

const bench = await perFile(workerBench(PREFIX));

beforeAll(async () => {
  const bundled = {
    BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-operators-key-0123456789',
    BUNDLED_ANTHROPIC_BASE_URL: bench.simulator.url,
  };
  await bench.startExtraction(bundled);
  gateway = await startGateway({
    DATABASE_URL: bench.connected.url,
    QUEUE_PREFIX: PREFIX,
    BUNDLED_LLM: 'true',
    SYNC_WAIT_MS: '20000',
  });
});

afterAll(async () => {
  await gateway.close();
});

it('an erasure aborts a worker that reads a conversation of its tenant, and the worker stores nothing', async () => {
  bench.simulator.script({ scenario: 'hang' });
  const accepted = await gateway.send('/agent/memories', {
    body: { messages: [{ role: 'user', content: 'I live in Lisbon.' }], tenant_id: 'read' },
    headers: { prefer: 'respond-async' },
  });
  await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
  await gateway.send('/agent/memories?tenant_id=read', { method: 'DELETE' });
  await vi.waitFor(() => expect(bench.simulator.calls[0]).toHaveProperty('closedEarlyAt'), {
    timeout: 10_000,
  });
  const job = await gateway.send(String(accepted.headers['location']));
  expect(job.json).toMatchObject({ state: 'cancelled', result: null, error: null });

  bench.simulator.reset();
  const again = await gateway.send('/agent/memories', {
    body: { messages: [{ role: 'user', content: 'I live in Porto.' }], tenant_id: 'read' },
  });
  expect(again).toMatchObject({ status: 200, json: { status: 'extracted' } });
  const { json } = await gateway.send('/agent/memories?tenant_id=read');
  expect(json.count).toBe(again.json.saved_count);
});
