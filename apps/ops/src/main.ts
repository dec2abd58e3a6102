import 'reflect-metadata';

import { readEnvOrExit } from '@app/config';
import { makeLogger } from '@app/observability';
import { getQueueToken } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Queue } from 'bullmq';

import { mountBoard } from './board.js';
import { opsSettings } from './ops.config.js';
import { OpsModule, QUEUE_NAMES } from './ops.module.js';
import { exportQueueDepth } from './queue-depth.js';

const settings = readEnvOrExit(opsSettings);
const app = await NestFactory.create<NestFastifyApplication>(
  OpsModule.forRoot(settings),
  new FastifyAdapter(),
  {
    logger: makeLogger(settings.LOG_LEVEL),
  },
);
app.enableShutdownHooks();

const queues = QUEUE_NAMES.map((name) => app.get<Queue>(getQueueToken(name), { strict: false }));
exportQueueDepth(queues);
await mountBoard(app.getHttpAdapter().getInstance(), queues, settings);
await app.listen(settings.OPS_PORT, settings.LISTEN_HOST ?? '0.0.0.0');
