import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The `Prefer` header of a request (RFC 7240): how long to wait, and how to handle unknown fields. */
export interface Preference {
  /** 0 means not to wait. */
  readonly waitMs: number;
  /**
   * True if the header does not mention waiting: the caller wants the result of this call, so a failure is final at once.
   * With `respond-async` or `wait=N` the caller accepts a job, which is retried.
   */
  readonly synchronous: boolean;
  /** `handling=strict`: unknown fields are refused instead of ignored. */
  readonly strict: boolean;
  /** The value of `Preference-Applied`. */
  readonly applied: string | undefined;
}

/** The value of `Preference-Applied` if the header asks only for strict handling. */
export const STRICT_HANDLING = 'handling=strict';

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const SECONDS = /^\d{1,9}$/;

/**
 * Reads a `Prefer` header. Malformed and unknown preferences are ignored, as the RFC requires; the first of two equal names
 * counts.
 * @param longestMs the longest wait, and the wait without a preference.
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

/** Whether a `Prefer` header asks for `handling=strict` (RFC 7240, section 4.4). It applies to every route. */
export const prefersStrictHandling = (header: string | undefined): boolean =>
  isStrict(preferencesIn(header));

const isStrict = (preferences: ReadonlyMap<string, string>): boolean =>
  preferences.get('handling')?.toLowerCase() === 'strict';

/** The preferences by their lower-case names. One without a value has an empty value. */
function preferencesIn(header = ''): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const text of splitOutsideQuotes(header, ',')) {
    // Parameters follow the first semicolon. None is used here.
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

/** Scans the text once: a regular expression for separators outside quotes takes quadratic time. */
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

/** The text of the `Prefer` header. Several headers are joined. */
export const preferOf = ({ headers: { prefer } }: FastifyRequest): string | undefined =>
  Array.isArray(prefer) ? prefer.join(',') : prefer;

export const Prefer = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined =>
    preferOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The header in OpenAPI. */
export const PREFER_HEADER = {
  name: 'Prefer',
  required: false,
  description:
    'RFC 7240. Absent: wait for the result. `respond-async`: 202 at once. `wait=10`: wait up to ten seconds first. `handling=strict`: refuse unknown fields.',
  schema: { type: 'string' as const },
};

/** The header in OpenAPI, for routes that take no other preference. */
export const HANDLING_HEADER = {
  name: 'Prefer',
  required: false,
  description:
    'RFC 7240. `handling=strict`: refuse a field or parameter that is not known, instead of a warning.',
  schema: { type: 'string' as const },
};
