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
const words = z.string().nullish().catch(null);

/** The names that servers give to the parts of an error; `code` may be a text or a number (provider-wire.md, 1.4). */
const partSchema = z.looseObject({
  type: text,
  code: text,
  error_code: text,
  status: z.string().nullish().catch(null),
  param: text,
  message: words,
  msg: words,
  error_msg: words,
  detail: z.unknown().optional(),
  details: z
    .union([
      z.looseObject({ error_code: text }).transform(({ error_code: code }) => code),
      z
        .array(z.looseObject({ reason: text }))
        .transform((list) => list.find(({ reason }) => reason)?.reason),
    ])
    .nullish()
    .catch(null),
});
type Part = z.output<typeof partSchema>;

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
  const parts = partsOf(body);
  const first = <Value>(of: (part: Part) => Value | null | undefined): Value | null =>
    parts.map(of).find((value) => value !== null && value !== undefined) ?? null;
  const code = first(({ details, code: stated, error_code: named }) => details ?? stated ?? named);
  const { error } = holderSchema.safeParse(unlisted(body)).data ?? {};
  return {
    status: status === null || status < 400 ? (statusIn(code) ?? status) : status,
    type: first(({ type, status: named }) => type ?? named),
    code,
    param: first(({ param }) => param),
    message: cutText(first(saidIn) ?? '', MAX_ERROR_TEXT),
    html: false,
    headers,
    wait: waitIn(error) ?? waitIn(unlisted(body)),
  };
}

const holderSchema = z.looseObject({
  error: z.unknown().optional(),
  errors: z.unknown().optional(),
});

/** Google's streams and Vertex put the error into a list of one. */
const unlisted = (body: unknown): unknown => (Array.isArray(body) ? body[0] : body);

/**
 * The parts of a body that may hold its error, the likeliest first: `error`, what that holds in turn, the first of
 * `errors`, and the body itself where it has none of them.
 */
function partsOf(body: unknown): readonly Part[] {
  const given = unlisted(body);
  const outer = holderSchema.safeParse(given).data;
  const inner = holderSchema.safeParse(unlisted(outer?.error)).data;
  const errors = Array.isArray(outer?.errors) ? [unlisted(outer.errors)] : [];
  const held = [outer?.error, inner?.error, ...errors].map(unlisted);
  // An error that is a text says nothing but itself: its code may stand beside it.
  const isTold = held.some((part) => typeof part === 'object' && part !== null);
  return (isTold ? held : [...held, given]).flatMap(partOf);
}

function partOf(given: unknown): Part[] {
  if (typeof given === 'string') return given === '' ? [] : [{ message: given }];
  const part = partSchema.safeParse(given).data;
  return part === undefined ? [] : [part];
}

function saidIn({ message, msg, error_msg: errorMessage, detail }: Part): string | null {
  return message || msg || errorMessage || detailOf(detail) || null;
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
