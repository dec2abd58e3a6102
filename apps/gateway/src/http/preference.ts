import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What a caller prefers (RFC 7240): how long to wait, and how unknown fields are taken. */
export interface Preference {
  /** 0: not at all. */
  readonly waitMs: number;
  /**
   * True where the caller said nothing about waiting, and so wants the result of this very call: then a failure is final
   * at once. `respond-async` and `wait=N` say that a job will do: that job is retried, and kept for a retry.
   */
  readonly synchronous: boolean;
  /** `handling=strict`: a field that the route does not know is refused, not ignored. */
  readonly strict: boolean;
  /** For `Preference-Applied`. */
  readonly applied: string | undefined;
}

/** The value of `Preference-Applied` where nothing but the handling was preferred. */
export const STRICT_HANDLING = 'handling=strict';

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const SECONDS = /^\d{1,9}$/;

/**
 * Reads a `Prefer` header. What is malformed or unknown is ignored, as the RFC asks; of two alike the first counts.
 * @param longestMs the longest wait that is granted, and the one that is granted unasked.
 */
export function readPreference(header: string | undefined, longestMs: number): Preference {
  const preferences = preferencesIn(header);
  const strict = isStrict(preferences);
  const respondAsync = preferences.has('respond-async');
  const wait = preferences.get('wait') ?? '';
  const asked = SECONDS.test(wait) ? Number(wait) : undefined;
  const seconds = asked === undefined ? undefined : Math.min(asked, Math.floor(longestMs / 1_000));
  const waiting = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(seconds === undefined ? [] : [`wait=${seconds}`]),
  ];
  const applied = [...waiting, ...(strict ? [STRICT_HANDLING] : [])];
  return {
    waitMs: seconds === undefined ? (respondAsync ? 0 : longestMs) : seconds * 1_000,
    synchronous: waiting.length === 0,
    strict,
    applied: applied.length === 0 ? undefined : applied.join(', '),
  };
}

/** Whether a `Prefer` header asks for `handling=strict` (RFC 7240, section 4.4), on routes where nothing is waited for too. */
export const prefersStrictHandling = (header: string | undefined): boolean =>
  isStrict(preferencesIn(header));

const isStrict = (preferences: ReadonlyMap<string, string>): boolean =>
  preferences.get('handling')?.toLowerCase() === 'strict';

/** Names in lower case, with their values; a preference without a value has an empty one. */
function preferencesIn(header = ''): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const text of splitOutsideQuotes(header, ',')) {
    // Parameters follow the first semicolon; none of them means anything here.
    const [preference = ''] = splitOutsideQuotes(text, ';');
    const equals = preference.indexOf('=');
    const name = (equals === -1 ? preference : preference.slice(0, equals)).trim().toLowerCase();
    const value = equals === -1 ? '' : valueOf(preference.slice(equals + 1).trim());
    if (value !== undefined && TOKEN.test(name) && !preferences.has(name))
      preferences.set(name, value);
  }
  return preferences;
}

/** @returns undefined for a value that is neither a token nor in quotes. */
function valueOf(text: string): string | undefined {
  if (text === '' || TOKEN.test(text)) return text;
  const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
  const bare = quoted ? text.slice(1, -1) : undefined;
  return bare?.includes('"') === true ? undefined : bare;
}

/** Goes through the text once: an expression that looks for separators outside quotes takes quadratic time. */
function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted && sign === '\\') at += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (sign === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

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
