import { AccountStore, type Caller, hashApiKey, looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import { rateHeaders } from '@app/http-problems';
import { RATE_WINDOW_MS, type RateLeft } from '@app/jobs';
import { requestContext, timed } from '@app/observability';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Admission } from '../plan/admission.js';
import { bearerOf } from './bearer.js';
import { EVEN_BLOCKED, PUBLIC, WRITES } from './caller.decorator.js';
import { refusalsUnder } from './refusals-under.js';

/** Authorization → Caller, for every route that does not say it is public. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly accounts: AccountStore,
    private readonly admission: Admission,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const marked = (mark: string): boolean =>
      this.reflector.getAllAndOverride<boolean | undefined>(mark, [
        context.getHandler(),
        context.getClass(),
      ]) === true;
    if (marked(PUBLIC)) return true;

    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const caller = await this.#authenticate(bearerOf(request.headers.authorization));
    const tier = this.admission.tierOf(caller);
    const left = await this.admission.countRequest(caller, tier);
    if (left) void http.getResponse<FastifyReply>().headers(headersOf(left));
    if (!marked(EVEN_BLOCKED)) this.admission.checkAccount(caller, new Date());
    if (caller.readOnly && marked(WRITES)) {
      throw new AppError('permission_denied', 'This API key is read-only. Use one that may write.');
    }
    request.caller = { ...caller, tier, refusalsUnder: refusalsUnder(caller.apiKeyId, request.ip) };
    const known = requestContext.get();
    if (known) known.accountId = caller.accountId;
    // Never in a caller's way: what cannot be noted now is noted with a later call.
    this.accounts.noteUse(caller.apiKeyId).catch(() => undefined);
    return true;
  }

  async #authenticate(apiKey: string | undefined): Promise<Caller> {
    const caller =
      apiKey !== undefined && looksLikeApiKey(apiKey)
        ? await timed('db', this.accounts.findCaller(hashApiKey(apiKey)))
        : undefined;
    if (!caller) {
      throw new AppError(
        'not_authenticated',
        'Send a valid Aurra key: `Authorization: Bearer aurra_…`. This one is missing, unknown, revoked or expired.',
      );
    }
    return caller;
  }
}

/** On every answer to a known caller, whatever comes of it. */
const headersOf = ({ quota, remaining, resetMs }: RateLeft): Record<string, string> =>
  rateHeaders({ name: 'requests', quota, windowMs: RATE_WINDOW_MS }, remaining, resetMs);
