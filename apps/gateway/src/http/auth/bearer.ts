import { looksLikeApiKey } from '@app/accounts';
import { AppError } from '@app/errors';
import type { IncomingHttpHeaders } from 'node:http';

const SEND = 'Send your Aurra key as `Authorization: Bearer aurra_…`.';

/** How the keys of providers begin. The longer of two that begin alike stands first. */
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

/** Headers that other products take a key in. */
const OTHER_HEADERS = { 'x-api-key': 'X-Api-Key', 'api-key': 'Api-Key' } as const;

/** The credential of an `Authorization: Bearer …` header; the scheme's name is in any case (RFC 9110). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/**
 * The credential of a request, if it has the form of an Aurra key: nothing is looked up for another one.
 * @throws AppError `not_authenticated`, saying what was sent in its place and never the credential itself.
 */
export function apiKeyOf(headers: IncomingHttpHeaders): string {
  const bearer = bearerOf(headers.authorization);
  if (bearer !== undefined && looksLikeApiKey(bearer)) return bearer;
  throw notAuthenticated(bearer === undefined ? withoutBearer(headers) : wrongBearer(bearer));
}

/** For a key of the right form that no account holds. */
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
