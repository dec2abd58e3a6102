import { z } from 'zod';

import { MAX_ERROR_TEXT } from './boundary/bounds.js';
import { smallValue } from './boundary/error-body.js';
import { cutText } from './boundary/storable-text.js';

/** A provider's failure as it came over the wire, read but not yet judged or scrubbed. */
export interface ProviderFailure {
  /** HTTP's, or the one that an answer of status 200 holds inside; null where a stream broke off with an error. */
  readonly status: number | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  /** Empty where the provider said nothing of use. */
  readonly message: string;
  /** The body was no JSON but a page. */
  readonly html: boolean;
  readonly headers: Headers;
  /** A wait that the body states in a field of its own, as text with a unit (`37s`) or in milliseconds. */
  readonly wait?: string | number | undefined;
}

const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null);

/** `error` may be an object, a string or absent; `code` a string, a number or null (provider-wire.md, 1.4). */
const bodySchema = z.looseObject({
  type: text,
  code: text,
  param: text,
  message: z.string().nullish().catch(null),
  detail: z.unknown().optional(),
  details: z.looseObject({ error_code: text }).nullish().catch(null),
});

/**
 * @param given the parsed body, or its text where it was no JSON; of either no more is read than an error needs
 */
export function readFailure(
  given: unknown,
  status: number | null,
  headers: Headers,
): ProviderFailure {
  const body = smallValue(given);
  if (typeof body === 'string' || body === null || body === undefined) {
    const said = (body ?? '').trim();
    const html = /^\s*</.test(said) || (headers.get('content-type') ?? '').includes('text/html');
    return {
      status,
      type: null,
      code: null,
      param: null,
      message: html ? '' : said,
      html,
      headers,
    };
  }
  const outer = bodySchema.safeParse(body).data;
  const { error } = z.looseObject({ error: z.unknown().optional() }).safeParse(body).data ?? {};
  const inner =
    typeof error === 'object' && error !== null ? bodySchema.safeParse(error).data : outer;
  const code = inner?.details?.error_code ?? inner?.code ?? null;
  return {
    status: status === null || status < 400 ? (statusIn(code) ?? status) : status,
    type: inner?.type ?? null,
    code,
    param: inner?.param ?? null,
    message: cutText(
      typeof error === 'string' ? error : (inner?.message ?? detailOf(inner?.detail)),
      MAX_ERROR_TEXT,
    ),
    html: false,
    headers,
    wait: waitIn(error) ?? waitIn(body),
  };
}

const waitSchema = z.looseObject({
  retry_after_ms: z.number().optional().catch(undefined),
  retry_after: z.number().optional().catch(undefined),
  details: z
    .array(z.looseObject({ retryDelay: z.string().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});

/** Google's `RetryInfo` (google.rpc, error_details.proto), which proxies pass on, and what gateways write. */
function waitIn(part: unknown): string | number | undefined {
  const stated = waitSchema.safeParse(part).data;
  if (stated === undefined) return undefined;
  const { retry_after_ms: ms, retry_after: seconds, details } = stated;
  return (
    details?.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay ??
    ms ??
    (seconds === undefined ? undefined : seconds * 1_000)
  );
}

/** OpenRouter and others answer 200 and say the status in `error.code`. */
function statusIn(code: string | null): number | undefined {
  return code !== null && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

const validationSchema = z.array(
  z.looseObject({ loc: z.array(z.union([z.string(), z.number()])).catch([]), msg: z.string() }),
);

/** FastAPI's `detail`: a text, or one entry per field. */
function detailOf(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  const entries = validationSchema.safeParse(detail).data ?? [];
  return entries.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
}
