import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

import { ANY_INPUT } from './any-input.decorator.js';
import { type Fault, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { preferOf } from './prefer.decorator.js';
import { prefersStrictHandling } from './preference.js';
import { readParameters } from './query-string.js';
import { inputOf } from './route-input.js';
import { SentBody } from './sent-body.js';
import type { Warning } from './warnings.schemas.js';
import { type Warnings, withWarnings } from './warnings.js';

/**
 * Looks at everything that a request sent beside what its route's schemas read: nothing is passed over in silence. What
 * names an end user in another product's words is refused, any other unknown field or parameter is told of in the answer,
 * or refused under `Prefer: handling=strict`. It runs after the guards and before every other interceptor.
 */
@Injectable()
export class InputInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const takesAnything = this.reflector.getAllAndOverride<boolean | undefined>(ANY_INPUT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (takesAnything === true) return next.handle();

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const input = inputOf(context);
    const isStrict = prefersStrictHandling(preferOf(request));
    const sent = new SentBody(request.body, input.body, isStrict);
    const parameters = readParameters(request.query, input.query, (name) => sent.holdsKey(name));
    const refused = parameters.faults(isStrict);
    if (refused.length > 0) throw refusalOf(refused);
    // Now, while the body is there: a parameter whose name holds its key is not repeated.
    const ofParameters = parameters.warnings();

    // The pipe, which is given the body, reads it; where there is a comparison of requests, after that.
    request.body = sent;
    if (!input.readsBody) refuseUnknown(sent);
    const warnings = (): readonly Warning[] => [...ofParameters, ...sent.warnings()];
    request.warnings = warnings;
    return next.handle().pipe(map((answer: unknown) => withWarnings(answer, warnings())));
  }
}

/** A body that the handler does not ask for. */
function refuseUnknown(sent: SentBody): void {
  const { value } = sent;
  refuseMisplacedKeys(value);
  const { texts, unknown } = sent.findings;
  const faults = [...noObject(value), ...texts, ...unknown.faults(sent.isStrict)];
  if (faults.length > 0) throw refusalOf(faults);
  sent.close(unknown);
}

/** Some clients send `null` where they have nothing to send. */
const noObject = (value: unknown): readonly Fault[] =>
  value === null || (typeof value === 'object' && !Array.isArray(value))
    ? []
    : [{ path: [], message: 'must be an object' }];

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's answer is to tell of it; set by the input interceptor. */
    warnings?: Warnings;
  }
}
