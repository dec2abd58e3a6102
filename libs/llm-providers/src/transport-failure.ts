/** One sentence for a name that does not resolve, resolves to a refused address, or where nobody listens: else we would tell who lives inside. */
const UNREACHABLE =
  'The provider could not be reached at its address. Check base_url, or try again later.';

const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;
const CUT_CODE = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_BODY_TIMEOUT)$/;
const SLOW_CODE = /^UND_ERR_HEADERS_TIMEOUT$/;
const HUGE_CODE = /^UND_ERR_RES_EXCEEDED_MAX_SIZE$/;

/** What fetch and a broken body throw of themselves; the SDKs pass some of it on bare. */
export function isTransportFailure(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof DOMException) return true;
  return (
    error instanceof TypeError &&
    /^(fetch failed|terminated|The answer is compressed)/.test(error.message)
  );
}

/** A fixed sentence for a call that got no answer. Nothing of the error itself is quoted: it may hold addresses or bodies. */
export function transportDetail(error: unknown): string {
  const chain = causesOf(error);
  const codes = chain.flatMap(({ code }) => (code === undefined ? [] : [code]));
  const says = (pattern: RegExp): boolean => chain.some(({ message }) => pattern.test(message));
  const has = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));

  if (chain.some(({ name }) => name === 'SyntaxError'))
    return 'The provider answered with something other than JSON. Check base_url.';
  if (says(/unexpected redirect/))
    return 'The provider answered with a redirect, which is not followed. Give the final address as base_url.';
  if (says(/answer is compressed/))
    return 'The provider answered compressed, although that was declined.';
  if (has(HUGE_CODE)) return 'The provider’s answer is too large.';
  if (has(TLS_CODE)) return 'No secure connection to the provider could be made: TLS failed.';
  if (has(SLOW_CODE)) return 'The provider did not answer in time.';
  if (has(CUT_CODE) || says(/^terminated$/))
    return 'The connection broke before the answer was complete.';
  return UNREACHABLE;
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
