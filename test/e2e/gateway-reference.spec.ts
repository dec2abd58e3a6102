import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeApi } from '../../apps/gateway/src/openapi/openapi.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';

let gateway: GatewayBench;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(() => gateway.close());

describe('what describes the gateway', () => {
  it('is OpenAPI 3.1 with every route, and the reference page asks no other host', async () => {
    const { json } = await gateway.send('/openapi.json');
    expect(json).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(json.paths as object)).toContain('/agent/memories');
    expect(json).toEqual(JSON.parse(JSON.stringify(describeApi(gateway.app))));
    const page = await gateway.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const asked = [...page.body.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, url]) => url ?? '');
    expect(asked.length).toBeGreaterThan(2);
    for (const url of asked.filter((one) => !one.startsWith('#'))) {
      expect((await gateway.app.inject(new URL(url, 'http://here/').pathname)).statusCode).toBe(
        200,
      );
    }
  });

  it('is ready, and says of what', async () => {
    expect((await gateway.send('/health/ready')).json).toEqual({
      status: 'ok',
      checks: { postgres: 'ok', queue: 'ok' },
    });
  });
});
