import { AppError } from '@app/errors';

import { addressOf, isMetadataAddress, isPublicAddress } from './address-rules.js';
import { HostList } from './host-list.js';
import { isInternalName, isMetadataName, isServicePort } from './name-rules.js';

/** What a connection is allowed by: first the address's form, then, name by name, what it resolves to. */
export interface EgressRules {
  /** @throws AppError `llm_base_url_forbidden` */
  checkOrigin(origin: URL): void;
  permitsAddress(hostname: string, port: string, address: string): boolean;
  /** Whether the operator listed the host: it is looked up as the system does, and a caller is told why it cannot be reached. Absent: no host is. */
  lists?(hostname: string, port: string): boolean;
  /** The address is the operator's own account's, not one that a caller named. */
  readonly isOperatorsOwn?: boolean;
}

export interface EgressSettings {
  /** `public`: any public host over https, and the list. `listed`: the list alone. */
  readonly mode: 'public' | 'listed';
  readonly allowedHosts: readonly string[];
}

const MAX_URL_CHARACTERS = 2048;

/** Which addresses a caller may have us call. A listed host may be private and plain http; a metadata service never. */
export class EgressPolicy implements EgressRules {
  readonly #mode: EgressSettings['mode'];
  readonly #list: HostList;

  constructor({ mode, allowedHosts }: EgressSettings) {
    this.#mode = mode;
    this.#list = new HostList(allowedHosts);
  }

  /**
   * Judges a `base_url` by its form alone: nothing is resolved here. Pass on the URL that comes back, not the text.
   * @throws AppError `llm_base_url_forbidden`
   */
  check(baseUrl: string | URL): URL {
    const text = typeof baseUrl === 'string' ? baseUrl : baseUrl.href;
    if (text.length > MAX_URL_CHARACTERS) refuse('It is longer than 2048 characters.');
    // The parser drops white space, and turns a backslash into a slash and %31 into 1: what another parser may read
    // differently is refused as written.
    if (/[\s\\]/.test(text) || !URL.canParse(text)) refuse('It must be an absolute http(s) URL.');
    const url = new URL(text);
    if (url.username !== '' || url.password !== '' || text.includes('@')) {
      refuse('It must not hold a user name or password.');
    }
    if (/[?#]/.test(text)) refuse('It must not hold a query or a fragment.');
    const authority = /^[a-z]+:\/*([^/]*)/i.exec(text)?.[1] ?? '';
    // oxlint-disable-next-line no-control-regex -- everything but ASCII
    if (/%|[^\x00-\x7f]/.test(authority)) refuse('Its host must be written in plain ASCII.');
    this.checkOrigin(url);
    return url;
  }

  checkOrigin(url: URL): void {
    const { hostname, protocol } = url;
    const port = portOf(url);
    if (protocol !== 'https:' && protocol !== 'http:')
      refuse('It must be an absolute http(s) URL.');
    if (hostname === '' || hostname.endsWith('.')) refuse('Its host must not end with a dot.');
    const address = addressOf(hostname);
    if (address === undefined ? isMetadataName(hostname) : isMetadataAddress(address)) {
      refuse('It is an address of a metadata service.');
    }
    if (isServicePort(port) && !this.#list.listsPort(hostname, port))
      refuse('Its port is not one for HTTP.');
    if (this.#list.lists(hostname, port)) return;
    if (this.#mode === 'listed' || this.#list.takesOut(hostname, port)) {
      refuse('It is not among the hosts that the operator allows.');
    }
    if (address === undefined ? isInternalName(hostname) : !isPublicAddress(address)) {
      refuse('It is not a public host, and the operator has not allowed it.');
    }
    if (protocol === 'http:')
      refuse('Use https: plain http is only for hosts that the operator allows.');
  }

  lists(hostname: string, port: string): boolean {
    return this.#list.lists(hostname, port);
  }

  /** May `hostname`, which this address was found for, be called there? Asked for every address of a name, before a packet leaves. */
  permitsAddress(hostname: string, port: string, address: string): boolean {
    if (isMetadataAddress(address) || this.#list.takesOut(bracketed(address), port)) return false;
    if (this.#list.lists(hostname, port)) return true;
    return this.#mode === 'public' && isPublicAddress(address);
  }
}

/** The port that a URL leads to, its protocol's own where it names none. */
export function portOf({
  port,
  protocol,
}: {
  readonly port: string;
  readonly protocol: string;
}): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function refuse(why: string): never {
  throw new AppError('llm_base_url_forbidden', `This base_url may not be called. ${why}`);
}
