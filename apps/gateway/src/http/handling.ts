/**
 * Whether a `Prefer` header asks for `handling=strict` (RFC 7240 §4.4): then a request with anything that is not known is
 * refused. Of two wishes for a handling the first counts.
 */
export function wantsStrict(header: string | undefined): boolean {
  for (const part of header?.split(',') ?? []) {
    const [name = '', value = ''] = (part.split(';', 1)[0] ?? '').split('=');
    if (name.trim().toLowerCase() !== 'handling') continue;
    return value.trim().replaceAll('"', '').toLowerCase() === 'strict';
  }
  return false;
}

/** How OpenAPI shows it, for a route that takes no other preference. */
export const HANDLING_HEADER = {
  name: 'Prefer',
  required: false,
  description:
    'RFC 7240. `handling=strict`: refuse a field or parameter that is not known, instead of a warning.',
  schema: { type: 'string' as const },
};
