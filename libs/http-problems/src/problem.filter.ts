import { CODES } from '@app/errors';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { failureOfException } from './failure-of-exception.js';
import { problemHeaders, problemOf } from './problem.js';

/** Answers every exception with a problem. An unexpected exception is a bug: it is logged, and the caller gets `internal`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  /** @param idOf gives the `request_id` of a problem. */
  constructor(private readonly idOf = (request: FastifyRequest): string => request.id) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Called directly for errors that Fastify raises before the request reaches Nest. */
  send(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const failure = failureOfException(exception);
    if (failure.code === 'internal') this.#logger.error(describe(exception));
    if (reply.sent || reply.raw.headersSent) return;
    void reply
      .status(CODES[failure.code].status)
      .headers(mergeLimits(problemHeaders(failure), reply))
      .send(problemOf(failure, this.idOf(request)));
  }
}

/** Puts the limit that was reached before the limit that every answer names, in the same header. */
function mergeLimits(headers: Record<string, string>, reply: FastifyReply): Record<string, string> {
  for (const name of ['ratelimit', 'ratelimit-policy']) {
    const other = reply.getHeader(name);
    if (headers[name] !== undefined && other !== undefined) headers[name] += `, ${String(other)}`;
  }
  return headers;
}

/** The name and the place of a bug. Its message is left out, because it may quote input. */
function describe(exception: unknown): Record<string, unknown> {
  if (!(exception instanceof Error))
    return { message: 'unexpected exception', kind: typeof exception };
  const frames = (exception.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    message: 'unexpected exception',
    name: exception.name,
    stack: frames.slice(0, 12).join('\n'),
  };
}
