import { AppError } from '@app/errors';
import { ProblemFilter } from '@app/http-problems';
import type { ReplyInbox } from '@app/jobs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';

/** How long open requests may take to end after their waits were cancelled. */
const LAST_ANSWERS_MS = 3_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Ends a gateway in time. Open requests may finish during the grace period. Then all waits for jobs are cancelled: a call
 * whose job has a row answers 202, and the job goes on; any other waiting call answers 503. Requests that are still open a
 * few seconds later answer 503.
 */
export class Shutdown {
  readonly #problems = new ProblemFilter();
  readonly #open = new Map<FastifyRequest, FastifyReply>();
  #isOver = false;

  constructor(
    private readonly inbox: ReplyInbox,
    private readonly graceMs: number,
  ) {}

  addHooks(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      if (this.#isOver) return done(restarting());
      this.#open.set(request, reply);
      reply.raw.once('close', () => this.#open.delete(request));
      done();
    });
    fastify.addHook('preClose', async () => this.#begin());
  }

  #begin(): void {
    setTimeout(() => {
      this.#isOver = true;
      this.inbox.giveUp();
      setTimeout(() => this.#answerAll(), LAST_ANSWERS_MS).unref();
    }, this.graceMs).unref();
  }

  #answerAll(): void {
    for (const [request, reply] of this.#open) {
      if (reply.sent || reply.raw.headersSent) reply.raw.destroy();
      else this.#problems.send(restarting(), request, reply);
    }
  }
}

export const restarting = (): AppError =>
  new AppError('unavailable', 'This process is about to end. Try again: another one answers.', {
    retryAfterMs: RETRY_AFTER_MS,
  });

/**
 * Lets a closing server end with its last response. Node would wait more than a minute longer for connections without any
 * request, which clients open in advance, and for idle kept-alive connections.
 */
export function closeConnectionsAtShutdown(fastify: FastifyInstance): void {
  const unused = new Set<Socket>();
  let isClosing = false;
  fastify.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  fastify.server.on('request', ({ socket }) => unused.delete(socket));
  fastify.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
  });
}
