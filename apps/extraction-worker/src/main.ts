import './forget-vendor-settings.js';

import 'reflect-metadata';

import { forgetEnv, readEnvOrExit } from '@app/config';
import { makeLogger } from '@app/observability';
import { NestFactory } from '@nestjs/core';

import { extractionWorkerSettings } from './extraction-worker.config.js';
import { ExtractionWorkerModule } from './extraction-worker.module.js';

const settings = readEnvOrExit(extractionWorkerSettings);
forgetEnv(['CALLER_KEY_PRIVATE_KEYS', 'BUNDLED_ANTHROPIC_API_KEY']);

const app = await NestFactory.createApplicationContext(ExtractionWorkerModule.forRoot(settings), {
  logger: makeLogger(settings.LOG_LEVEL),
});
app.enableShutdownHooks();
