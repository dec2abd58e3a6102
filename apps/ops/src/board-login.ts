import { AppError } from '@app/errors';
import { FailedLogins, printableAddress, problemHeaders } from '@app/http-problems';
import { metrics } from '@app/observability';
import { Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';

import type { OpsSettings } from './ops.config.js';

type Login = Pick<OpsSettings, 'OPS_USER' | 'OPS_PASSWORD'>;

/** Who may see the board. */
export class BoardLogin {
  readonly #failed = new FailedLogins();
  readonly #logger = new Logger('board');

  constructor(private readonly login: Login) {}

  /**
   * Nothing in it waits, so that requests which arrive together are counted one by one.
   * @returns what to refuse the request with; undefined for the right login.
   */
  refusalOf(
    address: string,
    user: string,
    password: string,
    reply: Pick<FastifyReply, 'header'>,
  ): Error | undefined {
    try {
      this.#failed.check(address);
    } catch (error) {
      const { 'retry-after': seconds } =
        error instanceof AppError ? problemHeaders(error.toFailure()) : {};
      if (seconds !== undefined) void reply.header('retry-after', seconds);
      return withStatus(429, 'Too many wrong logins. Wait for Retry-After.');
    }
    // Both are compared, whatever the first says: time tells nothing.
    const same = [isSame(user, this.login.OPS_USER), isSame(password, this.login.OPS_PASSWORD)];
    if (!same.includes(false)) return undefined;
    this.#failed.count(address);
    metrics.loginsFailed.inc({ at: 'board' });
    this.#logger.warn(`A wrong login for the board was sent from ${printableAddress(address)}.`);
    return withStatus(401, 'Wrong user or password.');
  }
}

const withStatus = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode });

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(digest(given), digest(wanted));
