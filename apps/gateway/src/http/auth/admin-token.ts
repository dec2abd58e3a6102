import { looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import { FailedLogins, printableAddress } from '@app/http-problems';
import { metrics } from '@app/observability';
import { Logger } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';

import { bearerOf } from './bearer.js';
import { notFound } from '../find.js';

/** The operator's token; absent, there is no /admin. */
export class AdminToken {
  readonly #digest: Buffer | undefined;
  readonly #failed = new FailedLogins();
  readonly #logger = new Logger('admin');

  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /**
   * @param address of the client, as the socket or the trusted proxy has it.
   * @throws AppError `not_found` where no token is set, `not_authenticated` where another one was sent, `rate_limited`
   * where that happened too often from this address.
   */
  check(authorization: string | undefined, address: string): void {
    if (this.#digest === undefined) throw notFound();
    this.#failed.check(address);
    const sent = bearerOf(authorization) ?? '';
    // In constant time: digests have one length, whatever was sent.
    if (timingSafeEqual(this.#digest, digestOf(sent))) return;
    // Neither is a guess: nothing was sent, or 256 random bits that belong elsewhere.
    if (sent !== '' && !looksLikeApiKey(sent)) this.#countFailure(address);
    throw new AppError('not_authenticated', detailFor(sent));
  }

  #countFailure(address: string): void {
    this.#failed.count(address);
    metrics.loginsFailed.inc({ at: 'admin' });
    this.#logger.warn(`A wrong operator's token was sent from ${printableAddress(address)}.`);
  }
}

const detailFor = (sent: string): string =>
  looksLikeApiKey(sent)
    ? 'This is an Aurra API key. Under /admin send the operator’s token, AURRA_ADMIN_TOKEN: `Authorization: Bearer …`.'
    : 'Send the operator’s token: `Authorization: Bearer …`.';

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
