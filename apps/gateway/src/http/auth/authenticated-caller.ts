import type { Caller, Tier } from '@app/accounts';
import { subscriberOf } from '@app/http-problems';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';

/** Whoever holds the Aurra API key of this request, at the address that it came from. */
export interface AuthenticatedCaller extends Caller {
  /** The name under which it is counted how often providers refuse this caller's keys. */
  readonly refusalBucket: string;
  /** What its account's plan allows. */
  readonly tier: Tier;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `Authentication`, before the body is read. */
    caller?: AuthenticatedCaller;
  }
}

/** Whoever holds the Aurra key of this request. */
export const FromCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): AuthenticatedCaller => {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) throw new TypeError('A public route has no caller.');
    return caller;
  },
);

const NAME_BYTES = 16;

/**
 * One API key at one client address, as a name that says neither. It goes into job payloads and counters.
 * @param address as the socket or the trusted proxy has it.
 */
export function refusalBucketOf(apiKeyId: string, address: string): string {
  return createHash('sha256')
    .update(`${apiKeyId} ${subscriberOf(address)}`)
    .digest()
    .subarray(0, NAME_BYTES)
    .toString('base64url');
}
