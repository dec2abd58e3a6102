import type { BatchResult } from '@app/memory';
import type { AppError } from '@app/errors';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';

import { refusalOf } from './faults.js';

/** The ids of what a call makes. Under an Idempotency-Key they were kept before it began, so that made twice it is there once. */
export interface Reservation {
  /** The id of its write; those of a batch derive from it. */
  readonly writeId: string;
  /** An earlier call under these ids may have made some of it, and nobody answered that. */
  readonly resumed: boolean;
  /** To be set by a batch: what became of each item. */
  results?: readonly BatchResult[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for a call under an Idempotency-Key. */
    reservation?: Reservation;
  }
}

/** The ids under which this call is to make what it makes. */
export const Reserved = createParamDecorator(
  (_: unknown, context: ExecutionContext): Reservation => {
    const { reservation } = context.switchToHttp().getRequest<FastifyRequest>();
    return reservation ?? { writeId: randomUUID(), resumed: false };
  },
);

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/** @throws AppError for a key that is none. */
export function readIdempotencyKey(header: string | readonly string[]): string {
  const key = [header].flat().join(', ');
  if (PRINTABLE.test(key)) return key;
  throw refusedKey('must be 1 to 255 printable ASCII characters');
}

export const refusedKey = (message: string): AppError =>
  refusalOf([{ path: ['Idempotency-Key'], message }]);

/** How OpenAPI shows it. */
export const IDEMPOTENCY_KEY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Repeat a call safely: within 24 hours the same key with the same body (`llm.key` aside) answers what the first call answered, with `Idempotency-Replayed: true`.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
};
