import { CODES } from '@app/errors';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { failureOfException } from './failure-of-exception.js';
import { problemHeaders, problemOf } from './problem.js';

/** Whatever is thrown becomes a problem. What is not expected is a bug: the log has it, the caller does not. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  /** @param idOf what a request is called in the problem. */
  constructor(private readonly idOf = (request: FastifyRequest): string => request.id) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for errors that Fastify meets before Nest does. */
  send(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const failure = failureOfException(exception);
    if (failure.code === 'internal') this.#logger.error(describe(exception));
    if (reply.sent || reply.raw.headersSent) return;
    void reply
      .status(CODES[failure.code].status)
      .headers(besideOthers(problemHeaders(failure), reply))
      .send(problemOf(failure, this.idOf(request)));
  }
}

/** A limit that was reached is told first, and then the one that every answer tells of. */
function besideOthers(
  headers: Record<string, string>,
  reply: FastifyReply,
): Record<string, string> {
  for (const name of ['ratelimit', 'ratelimit-policy']) {
    const told = reply.getHeader(name);
    if (headers[name] !== undefined && told !== undefined) headers[name] += `, ${String(told)}`;
  }
  return headers;
}

/** A bug's name and place. Not its message: it may quote what came from outside. */
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
