import { z } from 'zod';

import { MAX_ERROR_TEXT } from '../boundary/bounds.js';
import { smallValue } from '../boundary/error-body.js';
import { type ErrorPart, errorPartsOf, searchableText } from './error-parts.js';
import { cutText } from '../boundary/storable-text.js';

/** A provider's failure as it came over the wire, read but not yet judged or scrubbed. */
export interface ProviderFailure {
  /** HTTP's status, or the one that the body of a 200 answer states; null for an error inside a stream. */
  readonly status: number | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  /** Empty if the answer holds no usable text. */
  readonly message: string;
  /** Every text of the body, to be searched only. */
  readonly words: string;
  /** The body was an HTML page and not JSON. */
  readonly isHtml: boolean;
  readonly headers: Headers;
  /** A wait that the body states in a field of its own, as text with a unit (`37s`) or in milliseconds. */
  readonly wait?: string | number | undefined;
}

/**
 * @param given the parsed body, or its text if it was not JSON. Both are cut to the size that an error needs
 */
export function readFailure(
  given: unknown,
  status: number | null,
  headers: Headers,
): ProviderFailure {
  const body = smallValue(given);
  if (typeof body === 'string' || body === null || body === undefined) {
    const inXml = xmlMessage(body ?? '');
    const text = inXml ?? (body ?? '').trim();
    const isPage = /^\s*</.test(text) || (headers.get('content-type') ?? '').includes('text/html');
    const isHtml = isPage && inXml === undefined;
    return {
      status,
      type: null,
      code: null,
      param: null,
      message: isHtml ? '' : text,
      words: isHtml ? '<page>' : text,
      isHtml,
      headers,
    };
  }
  const parts = errorPartsOf(body);
  const first = <Value>(of: (part: ErrorPart) => Value | null): Value | null =>
    parts.map(of).find((value) => value !== null) ?? null;
  const isJudgedByBody = status === null || status < 400;
  const code =
    first((part) => part.code) ?? (isJudgedByBody ? first(({ outcome }) => outcome) : null);
  const { error } = holderSchema.safeParse(unlisted(body)).data ?? {};
  return {
    status: isJudgedByBody ? (statusIn(code) ?? status) : status,
    type: first(({ type }) => type),
    code,
    param: first(({ param }) => param),
    message: cutText(first(({ message }) => message) ?? '', MAX_ERROR_TEXT),
    words: cutText(searchableText(body), MAX_ERROR_TEXT),
    isHtml: false,
    headers,
    wait: waitIn(error) ?? waitIn(unlisted(body)),
  };
}

/** The message of an error in XML, as storage services and API gateways send it. */
function xmlMessage(body: string): string | undefined {
  if (!/^\s{0,16}<(?:\?xml|error\b)/i.test(body)) return undefined;
  return /<(message|description|detail)>([^<]{1,4000})<\//i.exec(body)?.[2]?.trim();
}

const holderSchema = z.looseObject({ error: z.unknown().optional() });

/** Google's streams and Vertex send the error in a list of one. */
const unlisted = (body: unknown): unknown => (Array.isArray(body) ? body[0] : body);

const waitSchema = z.looseObject({
  retry_after_ms: z.number().optional().catch(undefined),
  retry_after: z.number().optional().catch(undefined),
  details: z
    .array(z.looseObject({ retryDelay: z.string().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});

/** Reads a wait from Google's `RetryInfo` (google.rpc, error_details.proto), which proxies pass on, or from gateways' fields. */
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

/** OpenRouter and others answer 200 and put the status into `error.code`. */
function statusIn(code: string | null): number | undefined {
  return code !== null && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

/** Types and codes of servers that answer 200, or break off a stream, and state no status. */
const IMPLIED_STATUSES: readonly [RegExp, number][] = [
  [/insufficient|balance|quota|billing|arrear|payment/i, 402],
  [/rate.?limit|too.?many.?requests|throttl/i, 429],
  [/permission|forbidden/i, 403],
  [/unauthori[sz]ed|authenticat|api.?key/i, 401],
  [/invalid|bad.?request|validation|unsupported|illegal/i, 400],
];

const REFUSED_IN_WORDS =
  /^(?:an? )?(?:invalid|illegal|bad) (?:param|request|argument|input|value)|\bnot? support|unsupported/i;

/**
 * The status that a failure is classified by: HTTP's own if it is an error, else the one that type, code or message imply.
 * A refusal sent with status 200 counts as 400, so it is not retried.
 */
export function judgedStatus({ status, type, code, message }: ProviderFailure): number | null {
  if (status !== null && status >= 400) return status;
  const name = `${type ?? ''} ${code ?? ''}`;
  const implied = IMPLIED_STATUSES.find(([pattern]) => pattern.test(name));
  if (implied) return implied[1];
  return REFUSED_IN_WORDS.test(message) ? 400 : status;
}
