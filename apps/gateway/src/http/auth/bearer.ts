import { looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import type { IncomingHttpHeaders } from 'node:http';

const SEND = 'Send your Aurra key as `Authorization: Bearer aurra_…`.';

/** How the keys of providers begin. A longer prefix comes before a shorter one that it begins with. */
export const PROVIDER_PREFIXES = [
  'sk-ant-',
  'sk-or-',
  'sk-proj-',
  'sk-',
  'AIza',
  'gsk_',
  'xai-',
  'hf_',
  'pplx-',
  'nvapi-',
  'fw_',
  'tgp_',
  'r8_',
];

/** Headers in which other products expect a key. */
const OTHER_HEADERS = { 'x-api-key': 'X-Api-Key', 'api-key': 'Api-Key' } as const;

/** The credential of an `Authorization: Bearer …` header. The scheme is case-insensitive (RFC 9110). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/**
 * The credential of a request, if it has the form of an Aurra key. Any other text costs no database query.
 * @throws AppError `not_authenticated`, which describes the header that was sent and never quotes the credential.
 */
export function apiKeyOf(headers: IncomingHttpHeaders): string {
  const bearer = bearerOf(headers.authorization);
  if (bearer !== undefined && looksLikeApiKey(bearer)) return bearer;
  throw notAuthenticated(bearer === undefined ? withoutBearer(headers) : wrongBearer(bearer));
}

/** The error for a well-formed key that is not a valid key of an account. */
export const unknownKey = (): AppError =>
  notAuthenticated('This Aurra key is unknown, revoked or expired. Use one that holds.');

function withoutBearer(headers: IncomingHttpHeaders): string {
  if (headers.authorization !== undefined)
    return `The Authorization header holds no Bearer token. ${SEND}`;
  const other = Object.entries(OTHER_HEADERS).find(([name]) => headers[name] !== undefined);
  return other
    ? `No key is read from \`${other[1]}\`. ${SEND}`
    : `The Authorization header is missing. ${SEND}`;
}

function wrongBearer(bearer: string): string {
  const prefix = PROVIDER_PREFIXES.find((known) => bearer.startsWith(known));
  return prefix === undefined
    ? `This is not an Aurra key, which is \`aurra_\` and 43 characters. ${SEND}`
    : `This looks like a provider’s key (\`${prefix}…\`): it belongs in \`llm.key\`. Here goes your Aurra key: \`Authorization: Bearer aurra_…\`.`;
}

const notAuthenticated = (detail: string): AppError => new AppError('not_authenticated', detail);
