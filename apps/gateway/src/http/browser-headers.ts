import { isReferencePage } from '../openapi/openapi.js';

/** Scripts and data from here alone, none of them inline; Swagger UI writes styles into its page. */
const REFERENCE_PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What is no page: opened in a browser it runs nothing, and no other page shows it. */
const DATA_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * What every answer tells a browser: take it for what it says it is, and what it may load. A handler may set a policy of
 * its own.
 * @param route absent for an answer to what is no request.
 */
export function browserHeaders(route: string | undefined): Readonly<Record<string, string>> {
  const isPage = route !== undefined && isReferencePage(route);
  return {
    'content-security-policy': isPage ? REFERENCE_PAGE_POLICY : DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}
