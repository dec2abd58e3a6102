import { AppError } from '@app/errors';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';

import { bearerOf } from '../http/bearer.js';

/** The operator's token; absent, there is no /admin. */
export class AdminToken {
  readonly #digest: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  get isSet(): boolean {
    return this.#digest !== undefined;
  }

  /** In constant time: digests have one length, whatever was sent. */
  matches(token: string): boolean {
    return this.#digest !== undefined && timingSafeEqual(this.#digest, digestOf(token));
  }
}

@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly token: AdminToken) {}

  canActivate(context: ExecutionContext): boolean {
    if (!this.token.isSet) throw new AppError('not_found', 'There is nothing under this address.');
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (this.token.matches(bearerOf(authorization) ?? '')) return true;
    throw new AppError(
      'not_authenticated',
      'Send the operator’s token: `Authorization: Bearer …`.',
    );
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
