import { type CallHandler, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { lastValueFrom } from 'rxjs';

import { Deadlines } from '../../deadlines.js';
import type { AuthenticatedCaller } from '../auth/authenticated-caller.js';
import { fingerprintOf, readIdempotencyKey, invalidIdempotencyKey } from './idempotency-key.js';
import { type KeyedRequest, IdempotencyService } from './idempotency.service.js';
import { holdsKeyOf, refuseMisplacedKeys } from '../body/misplaced-keys.js';
import { preferOf, readPreference } from '../preference.js';
import { RequestBody } from '../body/request-body.js';

/** Runs a request with an Idempotency-Key. It begins before the pipes, so that a validation error is replayed too. */
@Injectable()
export class IdempotencyRun {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly deadlines: Deadlines,
  ) {}

  /** @param next runs the pipes and the handler. @returns the body of the response. */
  async run(
    context: ExecutionContext,
    header: string | readonly string[],
    next: CallHandler,
  ): Promise<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { body, caller } = request;
    if (!caller) throw new TypeError('A public route has no caller.');
    if (!(body instanceof RequestBody))
      throw new TypeError('The input interceptor must run first.');
    try {
      return await this.idempotency.once({
        ...this.#call(request, caller, readIdempotencyKey(header), body),
        request,
        reply: http.getResponse<FastifyReply>(),
        run: () => lastValueFrom(next.handle()),
      });
    } finally {
      // Invalid JSON was kept as bytes for the fingerprint.
      body.wipe();
    }
  }

  #call(
    request: FastifyRequest,
    caller: AuthenticatedCaller,
    key: string,
    body: RequestBody,
  ): Pick<KeyedRequest, 'caller' | 'call' | 'preference'> {
    const { compared } = body;
    if ('value' in compared) {
      // Refuse misplaced keys here, before the call is recorded: the fingerprint does not cover the key.
      refuseMisplacedKeys(compared.value);
      if (holdsKeyOf(key, compared.value))
        throw invalidIdempotencyKey('holds the llm key. Send the key in llm.key only');
    }
    return {
      caller,
      call: {
        accountId: caller.accountId,
        route: `${request.method} ${request.routeOptions.url}`,
        keyHash: createHash('sha256').update(key).digest(),
        fingerprint: fingerprintOf(key, compared, caller.boundTenantId),
      },
      preference: readPreference(preferOf(request), this.deadlines.syncWaitMs),
    };
  }
}
