import { looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import type { IncomingHttpHeaders } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';

import { bearerOf } from '../http/bearer.js';
import { notFound } from '../http/find.js';

/** The operator's token; absent, there is no /admin. */
export class AdminToken {
  readonly #digest: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /** @throws AppError `not_found` where no token is set, `not_authenticated` where another one was sent. */
  check({ authorization }: IncomingHttpHeaders): void {
    if (this.#digest === undefined) throw notFound();
    const sent = bearerOf(authorization) ?? '';
    // In constant time: digests have one length, whatever was sent.
    if (timingSafeEqual(this.#digest, digestOf(sent))) return;
    throw new AppError('not_authenticated', detailFor(sent));
  }
}

const detailFor = (sent: string): string =>
  looksLikeApiKey(sent)
    ? 'This is an Aurra API key. Under /admin send the operator’s token, AURRA_ADMIN_TOKEN: `Authorization: Bearer …`.'
    : 'Send the operator’s token: `Authorization: Bearer …`.';

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
