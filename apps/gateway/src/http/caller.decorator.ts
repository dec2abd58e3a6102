import type { Caller, Tier } from '@app/accounts';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
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
    /** Set by the caller guard. */
    caller?: CallerHere;
  }
}

export const PUBLIC = 'public';
export const WRITES = 'writes';
export const EVEN_BLOCKED = 'even-blocked';

/** Needs no Aurra key: everything that does not say so needs one. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);

/** Changes what is stored: closed to read-only keys. */
export const Writes = (): MethodDecorator => SetMetadata(WRITES, true);

/** Answers a blocked or suspended account as well: it says why everything else does not. */
export const EvenBlocked = (): MethodDecorator => SetMetadata(EVEN_BLOCKED, true);

/** Whoever holds the Aurra key of this request. */
export const FromCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): CallerHere => {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) throw new TypeError('A public route has no caller.');
    return caller;
  },
);
