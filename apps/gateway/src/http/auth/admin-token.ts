import { looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import { FailedLogins, printableAddress } from '@app/http-problems';
import { metrics } from '@app/observability';
import { Logger } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';

import { bearerOf } from './bearer.js';
import { notFound } from '../require-found.js';

/** Checks the operator's token. Without a configured token every route under /admin answers 404. */
export class AdminToken {
  readonly #digest: Buffer | undefined;
  readonly #failed = new FailedLogins();
  readonly #logger = new Logger('admin');

  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /**
   * @param address the client's address, from the socket or the trusted proxy.
   * @throws AppError `not_found` if no token is configured, `not_authenticated` for a wrong token, `rate_limited` after too
   * many wrong tokens from this address.
   */
  check(authorization: string | undefined, address: string): void {
    if (this.#digest === undefined) throw notFound();
    this.#failed.check(address);
    const sent = bearerOf(authorization) ?? '';
    // This comparison takes constant time. It requires equal lengths, which digests have.
    if (timingSafeEqual(this.#digest, digestOf(sent))) return;
    // A missing token or an Aurra API key is a mistake of the client, not an attempt to guess the token.
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
