import type { EgressRules } from './egress-policy.js';

export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A call that the rules permit, with the headers that may be sent. */
export interface CheckedCall {
  readonly url: URL;
  readonly method: string;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly headers: [string, string][];
}

/** @throws AppError `llm_base_url_forbidden` */
export function checkCall(
  rules: EgressRules,
  allowedHeaders: readonly string[],
  input: unknown,
  { body, headers, method = 'GET', signal }: RequestInit = {},
): CheckedCall {
  if (typeof input !== 'string' && !(input instanceof URL)) {
    throw new TypeError('A guarded fetch takes a URL.');
  }
  const url = new URL(input);
  rules.checkOrigin(url);
  return {
    url,
    method,
    body: typeof body === 'string' ? body : undefined,
    signal: signal ?? undefined,
    headers: sentHeaders(headers, allowedHeaders),
  };
}

function sentHeaders(
  given: RequestInit['headers'],
  allowedHeaders: readonly string[],
): [string, string][] {
  const headers = new Headers(given);
  const sent = allowedHeaders.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return [...sent, ['accept-encoding', 'identity']];
}

/** Encodings that are decompressed. Some hosts compress although the request declines it. */
const DECOMPRESSED_ENCODINGS = /^(?:x-)?gzip$|^deflate$|^br$/i;

/** Undefined: the answer is not compressed. @throws TypeError for an encoding that is not read */
export function encodingOf(given: string | null): string | undefined {
  const encoding = given?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  if (DECOMPRESSED_ENCODINGS.test(encoding)) return encoding;
  throw new TypeError('The answer is compressed in a way that is not read.');
}

export const tooLargeUnpacked = (): TypeError =>
  new TypeError('The answer is too large when it is unpacked.');
