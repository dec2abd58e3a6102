import { AppError, type ErrorCode, type Failure, failureOf } from '@app/errors';
import { HttpException } from '@nestjs/common';

/** Failures for the frameworks' own exceptions. Their messages are replaced, because a JSON parser's message quotes the body. */
const FRAMEWORK: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: [
    'invalid_request',
    'The request cannot be read. The body must be valid JSON in UTF-8, sent as application/json.',
  ],
  404: ['not_found', 'There is nothing under this address.'],
  405: [
    'method_not_allowed',
    'This address does not take this method. The Allow header names those that it takes.',
  ],
  413: [
    'payload_too_large',
    'The body is larger than this route takes. Split it into several requests.',
  ],
  415: ['unsupported_media_type', 'The body must be sent as application/json.'],
};

/**
 * The failure of any exception. An AppError has its own; an exception of a framework gets the one that FRAMEWORK has for its
 * status; any other exception is `internal`.
 */
export function failureOfException(exception: unknown): Failure {
  if (exception instanceof AppError) return exception.toFailure();
  const known = FRAMEWORK[statusOf(exception) ?? 500];
  return known ? { code: known[0], detail: known[1] } : failureOf(exception);
}

function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  // Fastify's own errors, and those of its body parser, carry their status as a field.
  const { statusCode } = (exception ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
