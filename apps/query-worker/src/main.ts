import './forget-vendor-settings.js';

import 'reflect-metadata';

import { forgetEnv, readEnvOrExit } from '@app/config';
import { makeLogger } from '@app/observability';
import { NestFactory } from '@nestjs/core';

import { queryWorkerSettings } from './query-worker.config.js';
import { QueryWorkerModule } from './query-worker.module.js';

const settings = readEnvOrExit(queryWorkerSettings);
forgetEnv(['CALLER_KEY_PRIVATE_KEYS', 'BUNDLED_ANTHROPIC_API_KEY']);

const app = await NestFactory.createApplicationContext(QueryWorkerModule.forRoot(settings), {
  logger: makeLogger(settings.LOG_LEVEL),
});
app.enableShutdownHooks();
