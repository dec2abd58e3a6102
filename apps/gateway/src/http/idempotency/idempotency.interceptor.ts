import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { lastValueFrom, type Observable, of } from 'rxjs';

import { Deadlines } from '../../deadlines.js';
import type { AuthenticatedCaller } from '../auth/authenticated-caller.js';
import { fingerprintOf, readIdempotencyKey, invalidIdempotencyKey } from './idempotency-key.js';
import { type KeyedRequest, IdempotencyService } from './idempotency.service.js';
import { holdsKeyOf, refuseMisplacedKeys } from '../body/misplaced-keys.js';
import { preferOf, readPreference } from '../preference.js';
import { RequestBody } from '../body/request-body.js';

/** Handles the Idempotency-Key header. Runs before the pipes, so that a validation error is replayed too. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly deadlines: Deadlines,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (header === undefined) return next.handle();
    const { caller } = request;
    if (!caller) throw new TypeError('A public route has no caller.');
    const body = request.body;
    if (!(body instanceof RequestBody))
      throw new TypeError('The input interceptor must run first.');
    try {
      return of(
        await this.idempotency.once({
          ...this.#call(request, caller, readIdempotencyKey(header), body),
          request,
          reply: http.getResponse<FastifyReply>(),
          run: () => lastValueFrom(next.handle()),
        }),
      );
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
