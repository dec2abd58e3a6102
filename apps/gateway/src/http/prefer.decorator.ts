import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The text of the `Prefer` header; several of them arrive as one. */
export const preferOf = ({ headers: { prefer } }: FastifyRequest): string | undefined =>
  Array.isArray(prefer) ? prefer.join(',') : prefer;

export const Prefer = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined =>
    preferOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** How OpenAPI shows it. */
export const PREFER_HEADER = {
  name: 'Prefer',
  required: false,
  description:
    'RFC 7240. Absent: wait for the result. `respond-async`: 202 at once. `wait=10`: wait up to ten seconds first. `handling=strict`: refuse unknown fields.',
  schema: { type: 'string' as const },
};

/** How OpenAPI shows it on a route that takes no other preference. */
export const HANDLING_HEADER = {
  name: 'Prefer',
  required: false,
  description:
    'RFC 7240. `handling=strict`: refuse a field or parameter that is not known, instead of a warning.',
  schema: { type: 'string' as const },
};
