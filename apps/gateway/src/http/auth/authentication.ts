import { AccountStore, type Caller, hashApiKey } from '@app/accounts';
import { AppError, type ErrorCode } from '@app/errors';
import { rateHeaders } from '@app/http-problems';
import { RATE_WINDOW_MS, type RemainingRequests } from '@app/jobs';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { AdminToken } from './admin-token.js';
import { Admission } from './admission.js';
import { apiKeyOf, unknownKey } from './bearer.js';
import { refusalBucketOf } from './authenticated-caller.js';

/** A stream checks its API key this often, so it goes on for at most this long after the key was revoked. */
const CHECK_KEY_EVERY_MS = 4_000;
const REFUSALS: readonly ErrorCode[] = ['not_authenticated', 'account_blocked'];

/** Checks the credential on every route that is not public, before the body is read. An API key sets `request.caller`. */
@Injectable()
export class Authentication {
  constructor(
    private readonly accounts: AccountStore,
    private readonly admission: Admission,
    private readonly adminToken: AdminToken,
  ) {}

  /** Call it before routes are registered. */
  addHooks(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => {
      // An unknown path answers 404 even without a key.
      if (request.is404) return;
      const { access = 'caller' } = request.routeOptions.config;
      if (access === 'operator') this.adminToken.check(request.headers.authorization, request.ip);
      if (access === 'caller') await this.#admit(request, reply);
    });
  }

  /**
   * Checks every few seconds, while the response is streamed, that the request's API key is still valid.
   * @returns a signal that aborts with the AppError that now refuses the key.
   */
  watch({ headers }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
    const refused = new AbortController();
    const checkKey = async (): Promise<void> => {
      const caller = await this.#getCaller(apiKeyOf(headers));
      this.admission.checkAccount(caller, new Date());
    };
    const timer = setInterval(() => {
      checkKey().catch((error: unknown) => {
        // Ignore other errors: while Postgres is unreachable, the key counts as valid.
        if (error instanceof AppError && REFUSALS.includes(error.code)) refused.abort(error);
      });
    }, CHECK_KEY_EVERY_MS);
    raw.once('close', () => clearInterval(timer));
    return refused.signal;
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { writes = false, evenBlocked = false } = request.routeOptions.config;
    const caller = await this.#getCaller(apiKeyOf(request.headers));
    const tier = this.admission.tierOf(caller);
    const left = await this.admission.countRequest(caller, tier);
    if (left) void reply.headers(headersOf(left));
    if (!evenBlocked) this.admission.checkAccount(caller, new Date());
    if (caller.readOnly && writes) {
      throw new AppError('permission_denied', 'This API key is read-only. Use one that may write.');
    }
    request.caller = {
      ...caller,
      tier,
      refusalBucket: refusalBucketOf(caller.apiKeyId, request.ip),
    };
    const logContext = requestContext.get();
    if (logContext) logContext.accountId = caller.accountId;
    // A failure here must not fail the request: a later call records the use of the API key.
    this.accounts.recordUse(caller.apiKeyId).catch(() => undefined);
  }

  /** @throws AppError `not_authenticated` */
  async #getCaller(apiKey: string): Promise<Caller> {
    const caller = await timed('db', this.accounts.findCaller(hashApiKey(apiKey)));
    if (!caller) throw unknownKey();
    return caller;
  }
}

/** The rate limit headers of every response to an authenticated caller. */
const headersOf = ({ quota, remaining, resetMs }: RemainingRequests): Record<string, string> =>
  rateHeaders({ name: 'requests', quota, windowMs: RATE_WINDOW_MS }, remaining, resetMs);
