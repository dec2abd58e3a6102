import 'reflect-metadata';

import { readEnvOrExit } from '@app/config';
import { makeLogger } from '@app/observability';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { configure, makeAdapter } from './configure.js';
import { gatewaySettings } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';

const settings = readEnvOrExit(gatewaySettings);
const app = await NestFactory.create<NestFastifyApplication>(
  GatewayModule.forRoot(settings),
  makeAdapter({ trustProxy: settings.TRUST_PROXY }),
  { logger: makeLogger(settings.LOG_LEVEL), bodyParser: false },
);
configure(app);
await app.listen(settings.PORT, settings.LISTEN_HOST ?? '0.0.0.0');
