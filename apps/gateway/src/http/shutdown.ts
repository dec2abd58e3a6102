import { AppError } from '@app/errors';
import { ProblemFilter } from '@app/http-problems';
import type { ReplyInbox } from '@app/jobs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

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
