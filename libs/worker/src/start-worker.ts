import { forgetEnv, readEnvOrExit, type WorkerSettings } from '@app/config';
import { makeLogger } from '@app/observability';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { z } from 'zod';

/** Reads the settings, removes the keys among them from the environment, and runs the worker until it is stopped. */
export async function startWorker<Settings extends WorkerSettings>(
  schema: z.ZodType<Settings>,
  moduleOf: (settings: Settings) => DynamicModule,
): Promise<void> {
  const settings = readEnvOrExit(schema);
  forgetEnv(['CALLER_KEY_PRIVATE_KEYS', 'BUNDLED_ANTHROPIC_API_KEY']);
  const app = await NestFactory.createApplicationContext(moduleOf(settings), {
    logger: makeLogger(settings.LOG_LEVEL),
  });
  app.enableShutdownHooks();
}
