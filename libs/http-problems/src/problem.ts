import { CODES, type Failure, type ReachedLimit } from '@app/errors';
import { z } from 'zod';

/** The page that explains the codes, with one anchor for each. */
const TYPE_BASE = '/docs/errors#';

/** An error body: `application/problem+json` (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('A reference to what this code means.'),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(Object.keys(CODES) as [keyof typeof CODES])
      .describe('The stable name of this kind of error.'),
    detail: z.string().describe('What happened, and what to do.'),
    request_id: z.string(),
    errors: z
      .array(
        z.object({
          path: z.string().describe('A JSON Pointer, or the name of a parameter or header.'),
          message: z.string(),
        }),
      )
      .optional(),
    provider: z
      .object({
        name: z.string(),
        model: z.string(),
        status: z.int().nullable(),
        type: z.string().nullable(),
        code: z.string().nullable(),
        request_id: z.string().nullable(),
      })
      .optional()
      .describe('What the provider said of itself, where one answered.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    retry_after_ms: z.int().optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;

/** The error body that shows a failure to the caller. */
export function problemOf(failure: Failure, requestId: string): Problem {
  const { status, title, retryable } = CODES[failure.code];
  const { provider } = failure;
  return {
    type: `${TYPE_BASE}${failure.code}`,
    title,
    status,
    code: failure.code,
    detail: failure.detail,
    request_id: requestId,
    ...(failure.faults && {
      errors: failure.faults.map(({ path, message }) => ({ path, message })),
    }),
    ...(provider && {
      provider: {
        name: provider.name,
        model: provider.model,
        status: provider.status,
        type: provider.type,
        code: provider.code,
        request_id: provider.requestId,
      },
    }),
    retryable,
    ...(failure.retryAfterMs !== undefined && { retry_after_ms: Math.ceil(failure.retryAfterMs) }),
  };
}

/** The headers that belong to a problem. */
export function problemHeaders(failure: Failure): Record<string, string> {
  return {
    'content-type': 'application/problem+json; charset=utf-8',
    ...(failure.retryAfterMs !== undefined && {
      'retry-after': String(Math.max(1, Math.ceil(failure.retryAfterMs / 1_000))),
    }),
    ...(failure.limit && rateHeaders(failure.limit, 0, failure.retryAfterMs ?? 0)),
    ...(failure.code === 'not_authenticated' && { 'www-authenticate': 'Bearer' }),
  };
}

/**
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers: `q` requests are allowed in `w` seconds, and `r`
 * of them are left for the next `t` seconds.
 */
export function rateHeaders(
  { name, quota, windowMs }: ReachedLimit,
  remaining: number,
  resetMs: number,
): Record<string, string> {
  return {
    'ratelimit-policy': `"${name}";q=${quota};w=${Math.ceil(windowMs / 1_000)}`,
    ratelimit: `"${name}";r=${remaining};t=${Math.max(1, Math.ceil(resetMs / 1_000))}`,
  };
}
