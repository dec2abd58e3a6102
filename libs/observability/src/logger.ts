import { ConsoleLogger, type LogLevel } from '@nestjs/common';

import { requestContext } from './request-context.js';

const LEVELS: Readonly<Record<string, readonly LogLevel[]>> = {
  fatal: ['fatal'],
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug'],
  trace: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

interface JsonOptions {
  readonly context: string;
  readonly logLevel: LogLevel;
  readonly writeStreamType?: 'stdout' | 'stderr';
  readonly errorStack?: unknown;
}

/** Writes each event as one line of JSON, with the ids of its request or job. */
class ContextLogger extends ConsoleLogger {
  protected override getJsonLogObject(
    message: unknown,
    options: JsonOptions,
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const { requestId, jobId, accountId, traceparent } = requestContext.get() ?? {};
    return {
      ...super.getJsonLogObject(message, options),
      ...(requestId !== undefined && { requestId }),
      ...(jobId !== undefined && { jobId }),
      ...(accountId !== undefined && { accountId }),
      ...(traceparent !== undefined && { traceparent }),
    };
  }
}

/** @param level a LOG_LEVEL: `fatal`, `error`, `warn`, `info`, `debug` or `trace`. */
export function makeLogger(level: string): ConsoleLogger {
  return new ContextLogger({
    json: true,
    colors: false,
    logLevels: [...(LEVELS[level] ?? LEVELS.info!)],
  });
}
