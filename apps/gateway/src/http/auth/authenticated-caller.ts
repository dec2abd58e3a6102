import type { Caller, Tier } from '@app/accounts';
import { subscriberOf } from '@app/http-problems';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';

/** The caller of a request, with the counter of its rejected provider keys and the limits of its plan. */
export interface AuthenticatedCaller extends Caller {
  /** Counter of rejected provider keys: one per API key and client address. `refusalsUnder` in job payloads. */
  readonly refusalBucket: string;
  /** The limits of the account's plan. */
  readonly tier: Tier;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `Authentication`, before the body is read. */
    caller?: AuthenticatedCaller;
  }
}

/** Injects the caller of the request into a handler. */
export const FromCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): AuthenticatedCaller => {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) throw new TypeError('A public route has no caller.');
    return caller;
  },
);

const NAME_BYTES = 16;
/** So many names are kept, because most requests come from a few clients. */
const MAX_KEPT = 10_000;
const kept = new Map<string, string>();

/**
 * A hash of an API key's id and the client address, so that job payloads and counters contain neither.
 * @param address from the socket or the trusted proxy.
 */
export function refusalBucketOf(apiKeyId: string, address: string): string {
  const client = `${apiKeyId} ${address}`;
  const known = kept.get(client);
  if (known !== undefined) return known;
  const name = hash('sha256', `${apiKeyId} ${subscriberOf(address)}`, 'buffer')
    .subarray(0, NAME_BYTES)
    .toString('base64url');
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(client, name);
  return name;
}
