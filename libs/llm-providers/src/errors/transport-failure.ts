import type { CalledEndpoint } from '../boundary/called-endpoint.js';

const AGAIN = 'Check base_url, or try again later.';

const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;
const CUT_CODE = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_BODY_TIMEOUT)$/;
const SLOW_CODE = /^UND_ERR_HEADERS_TIMEOUT$/;
const HUGE_CODE = /^UND_ERR_RES_EXCEEDED_MAX_SIZE$/;
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\]):/;

/** Reasons for a failed connection. Stated only for hosts that the operator listed. */
const REASONS: readonly [RegExp, string][] = [
  [/^ECONNREFUSED$/, 'connection refused'],
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT)$/, 'the name was not found'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'the connection timed out'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'there is no route to it'],
  [TLS_CODE, 'no secure connection could be made (TLS)'],
];

/** Errors that fetch and a broken body throw. The SDKs rethrow some of them without a wrapper. */
export function isTransportFailure(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof DOMException) return true;
  return (
    error instanceof TypeError &&
    /^(fetch failed|terminated|The answer is (compressed|too large))/.test(error.message)
  );
}

/** A fixed sentence for a call that got no answer. Nothing of the error itself is quoted: it may hold addresses or bodies. */
export function transportDetail(error: unknown, endpoint: CalledEndpoint | undefined): string {
  const chain = causesOf(error);
  const codes = chain.flatMap(({ code }) => (code === undefined ? [] : [code]));
  const says = (pattern: RegExp): boolean => chain.some(({ message }) => pattern.test(message));
  const has = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));

  if (chain.some(({ name }) => name === 'SyntaxError'))
    return 'The provider answered with something other than JSON. Check base_url.';
  if (says(/unexpected redirect/))
    return 'The provider answered with a redirect, which is not followed. Give the final address as base_url.';
  if (says(/answer is compressed/))
    return 'The provider’s answer uses an unsupported compression. The request asked for none.';
  if (has(HUGE_CODE) || says(/answer is too large/)) return 'The provider’s answer is too large.';
  if (has(SLOW_CODE)) return 'The provider did not answer in time.';
  if (has(CUT_CODE) || says(/^terminated$/))
    return 'The connection broke before the answer was complete.';
  return unreachable(endpoint, REASONS.find(([pattern]) => has(pattern))?.[1]);
}

/**
 * One sentence for a name that does not resolve, one that resolves to a refused address, and a host where nothing listens:
 * different sentences would reveal the internal network. The reason is given only for a host that the operator listed.
 */
function unreachable(endpoint: CalledEndpoint | undefined, reason: string | undefined): string {
  const host = endpoint?.host;
  if (host === undefined) return `The provider could not be reached at its address. ${AGAIN}`;
  if (!endpoint?.mayStateReason || reason === undefined)
    return `The provider could not be reached at ${host}. ${AGAIN}`;
  const container = LOOPBACK.test(host) ? ' In a container, this is the container itself.' : '';
  return `The provider could not be reached at ${host}: ${reason}.${container} ${AGAIN}`;
}

function causesOf(error: unknown): { name: string; message: string; code: string | undefined }[] {
  const chain = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) {
    const code: unknown = 'code' in at ? at.code : undefined;
    chain.push({
      name: at.name,
      message: at.message,
      code: typeof code === 'string' ? code : undefined,
    });
  }
  return chain;
}
