import { AppError } from '@app/errors';
import { ProblemFilter } from '@app/http-problems';
import type { ReplyInbox } from '@app/jobs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';

/** Whoever waited was told to stop then: what is late after that hangs on something that does not answer. */
const LAST_ANSWERS_MS = 3_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Ends a gateway in time: what it has is finished; when the grace is over, nobody is waited for any more (a write goes on,
 * and its caller hears 202); at the very end what is still open is answered 503.
 */
export class Shutdown {
  readonly #problems = new ProblemFilter();
  readonly #open = new Map<FastifyRequest, FastifyReply>();
  #isOver = false;

  constructor(
    private readonly inbox: ReplyInbox,
    private readonly graceMs: number,
  ) {}

  attend(fastify: FastifyInstance): void {
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
 * Lets a server that was told to stop end with the last answer that it owes. Node would wait more than a minute longer:
 * for connections on which nothing was ever asked (clients open such in advance), and for kept ones to be used again.
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
