import 'reflect-metadata';

import { generateSealingPair } from '@app/caller-keys';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describe, expect, it } from 'vitest';

import { makeAdapter } from '../../apps/gateway/src/configure.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway.config.js';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { describeApi } from '../../apps/gateway/src/openapi/openapi.js';

/** The gateway's OpenAPI document as text, read from its schemas without starting it. */
async function describedApi(): Promise<string> {
  const settings = gatewaySettings.parse({
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    QUEUE_URL: 'redis://127.0.0.1',
    CALLER_KEY_PUBLIC_KEYS: generateSealingPair('none').publicKeys,
  });
  // In preview mode Nest creates no provider, so nothing connects.
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(settings),
    makeAdapter({ trustProxy: false }),
    { preview: true, logger: false, abortOnError: false },
  );
  return `${JSON.stringify(describeApi(app), null, 2)}\n`;
}

describe('docs/openapi.json', () => {
  it('equals the document made from the schemas: `npm run openapi` writes it', async () => {
    await expect(await describedApi()).toMatchFileSnapshot('../../docs/openapi.json');
  });
});
