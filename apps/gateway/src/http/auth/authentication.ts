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

/** A revoked key reads on for no longer than this. */
const LOOK_EVERY_MS = 4_000;
const REFUSALS: readonly ErrorCode[] = ['not_authenticated', 'account_blocked'];

/** Authorization → Caller, for every route that does not say it is public, before any byte of a body is read. */
@Injectable()
export class Authentication {
  constructor(
    private readonly accounts: AccountStore,
    private readonly admission: Admission,
    private readonly adminToken: AdminToken,
  ) {}

  /** To be called before routes are made. */
  attend(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => {
      // An address that does not exist answers 404 to everybody.
      if (request.is404) return;
      const { access = 'caller' } = request.routeOptions.config;
      if (access === 'operator') this.adminToken.check(request.headers.authorization, request.ip);
      if (access === 'caller') await this.#admit(request, reply);
    });
  }

  /**
   * Looks every few seconds whether the request's API key still holds, for as long as its answer is sent.
   * @returns a signal that aborts with the AppError that the key would be refused with.
   */
  watch({ headers }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
    const refused = new AbortController();
    const look = async (): Promise<void> => {
      const caller = await this.#findCaller(apiKeyOf(headers));
      this.admission.checkAccount(caller, new Date());
    };
    const looks = setInterval(() => {
      look().catch((error: unknown) => {
        // While Postgres is away nothing is known of the key.
        if (error instanceof AppError && REFUSALS.includes(error.code)) refused.abort(error);
      });
    }, LOOK_EVERY_MS);
    raw.once('close', () => clearInterval(looks));
    return refused.signal;
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { writes = false, evenBlocked = false } = request.routeOptions.config;
    const caller = await this.#findCaller(apiKeyOf(request.headers));
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
    const known = requestContext.get();
    if (known) known.accountId = caller.accountId;
    // Never in a caller's way: what cannot be noted now is noted with a later call.
    this.accounts.noteUse(caller.apiKeyId).catch(() => undefined);
  }

  async #findCaller(apiKey: string): Promise<Caller> {
    const caller = await timed('db', this.accounts.findCaller(hashApiKey(apiKey)));
    if (!caller) throw unknownKey();
    return caller;
  }
}

/** On every answer to a known caller, whatever comes of it. */
const headersOf = ({ quota, remaining, resetMs }: RemainingRequests): Record<string, string> =>
  rateHeaders({ name: 'requests', quota, windowMs: RATE_WINDOW_MS }, remaining, resetMs);
