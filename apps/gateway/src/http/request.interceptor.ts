import {
  type CallHandler,
  type CustomDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { from, type Observable } from 'rxjs';

import { InputInterceptor } from './body/input.interceptor.js';
import { IdempotencyRun } from './idempotency/idempotency-run.js';

const TAKES_KEY = 'takes-idempotency-key';

/** The route takes an Idempotency-Key. */
export const TakesIdempotencyKey = (): CustomDecorator => SetMetadata(TAKES_KEY, true);

/**
 * The only interceptor. Nest runs each one in promises and Observables of its own, so a second one for the Idempotency-Key
 * would cost every write, though few have the header.
 */
@Injectable()
export class RequestInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly input: InputInterceptor,
    private readonly idempotency: IdempotencyRun,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const header = headers['idempotency-key'];
    const isKeyed =
      header !== undefined &&
      this.reflector.get<boolean | undefined>(TAKES_KEY, context.getHandler());
    if (isKeyed !== true) return this.input.intercept(context, next);
    return this.input.intercept(context, {
      handle: () => from(this.idempotency.run(context, header, next)),
    });
  }
}
