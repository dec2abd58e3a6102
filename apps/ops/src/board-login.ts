import { AppError } from '@app/errors';
import { FailedLogins, printableAddress, problemHeaders } from '@app/http-problems';
import { metrics } from '@app/observability';
import { Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';

import type { OpsSettings } from './ops.config.js';

type Login = Pick<OpsSettings, 'OPS_USER' | 'OPS_PASSWORD'>;

/** Checks the login of the board. */
export class BoardLogin {
  readonly #failedLogins = new FailedLogins();
  readonly #logger = new Logger('board');

  constructor(private readonly login: Login) {}

  /**
   * The check is synchronous, so that each of several simultaneous requests sees the failures of those before it.
   * @returns the error to refuse the request with. Undefined: the login is right.
   */
  check(
    address: string,
    user: string,
    password: string,
    reply: Pick<FastifyReply, 'header'>,
  ): Error | undefined {
    try {
      this.#failedLogins.check(address);
    } catch (error) {
      const { 'retry-after': seconds } =
        error instanceof AppError ? problemHeaders(error.toFailure()) : {};
      if (seconds !== undefined) void reply.header('retry-after', seconds);
      return withStatus(429, 'Too many wrong logins. Wait for Retry-After.');
    }
    // Both user and password are always compared, so that the time does not show which of them is wrong.
    const matches = [isSame(user, this.login.OPS_USER), isSame(password, this.login.OPS_PASSWORD)];
    if (!matches.includes(false)) return undefined;
    this.#failedLogins.count(address);
    metrics.loginsFailed.inc({ at: 'board' });
    this.#logger.warn(
      `A login with a wrong user or password came to the board from ${printableAddress(address)}.`,
    );
    return withStatus(401, 'Wrong user or password.');
  }
}

const withStatus = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode });

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected));
