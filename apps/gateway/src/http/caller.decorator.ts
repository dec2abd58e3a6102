import type { Caller, Tier } from '@app/accounts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Whoever holds the Aurra API key of this request, at the address that it came from. */
export interface CallerHere extends Caller {
  /** The name under which it is counted how often providers refuse this caller's keys. */
  readonly refusalsUnder: string;
  /** What its account's plan allows. */
  readonly tier: Tier;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `Authentication`, before the body is read. */
    caller?: CallerHere;
  }
}

/** Whoever holds the Aurra key of this request. */
export const FromCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): CallerHere => {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) throw new TypeError('A public route has no caller.');
    return caller;
  },
);
