import { AppError } from '@app/errors';

import { addressOf, isMetadataAddress, isPublicAddress } from './address-rules.js';
import { HostList } from './host-list.js';
import { isMetadataName, isServicePort, mustBeListed } from './name-rules.js';

/** The rules of the bundled account: they permit its one origin, private or not, and no other. */
export class FixedOrigin implements EgressRules {
  readonly #origin: string;

  constructor(baseUrl: string) {
    this.#origin = new URL(baseUrl).origin;
  }

  checkOrigin({ origin }: URL): void {
    if (origin === this.#origin) return;
    throw new AppError(
      'llm_base_url_forbidden',
      'The bundled account is called at its own address only.',
    );
  }

  /** Callers do not choose this address, so no error shows it to them. */
  readonly isOperatorsOwn = true;

  lists(): boolean {
    return true;
  }

  permitsAddress(_hostname: string, _port: string, address: string): boolean {
    return !isMetadataAddress(address);
  }
}

/** The checks of a connection: first the form of the address, then each IP address that its name resolves to. */
export interface EgressRules {
  /** @throws AppError `llm_base_url_forbidden` */
  checkOrigin(origin: URL): void;
  permitsAddress(hostname: string, port: string, address: string): boolean;
  /** Whether the operator listed the host. A listed host is looked up by the system, and an error states why it cannot be reached. Absent: no host is listed. */
  lists?(hostname: string, port: string): boolean;
  /** Whether the address belongs to the bundled account, so that no caller named it. */
  readonly isOperatorsOwn?: boolean;
}

export interface EgressSettings {
  /** `public`: any public host over https, and the listed hosts. `listed`: only the listed hosts. */
  readonly mode: 'public' | 'listed';
  readonly allowedHosts: readonly string[];
}

const MAX_URL_CHARACTERS = 2048;

/** The addresses that a caller may name. A listed host may be private and may use plain http; a metadata service is never permitted. */
export class EgressPolicy implements EgressRules {
  readonly #mode: EgressSettings['mode'];
  readonly #list: HostList;

  constructor({ mode, allowedHosts }: EgressSettings) {
    this.#mode = mode;
    this.#list = new HostList(allowedHosts);
  }

  /**
   * Checks the form of a `base_url` without resolving its name. Use the returned URL and not the text.
   * @throws AppError `llm_base_url_forbidden`
   */
  check(baseUrl: string | URL): URL {
    const text = typeof baseUrl === 'string' ? baseUrl : baseUrl.href;
    if (text.length > MAX_URL_CHARACTERS) refuse('It is longer than 2048 characters.');
    // The URL parser drops white space and turns a backslash into a slash and %31 into 1. Text that another parser may read
    // differently is refused.
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
    if (this.#mode === 'listed' || this.#list.excludes(hostname, port)) {
      refuse('It is not among the hosts that the operator allows.');
    }
    if (address === undefined ? mustBeListed(hostname) : !isPublicAddress(address)) {
      refuse('It is not a public host, and the operator has not allowed it.');
    }
    if (protocol === 'http:')
      refuse('Use https: plain http is only for hosts that the operator allows.');
  }

  lists(hostname: string, port: string): boolean {
    return this.#list.lists(hostname, port);
  }

  /** Whether `hostname` may be called at this address. The egress asks this for every address of a name before it connects. */
  permitsAddress(hostname: string, port: string, address: string): boolean {
    if (isMetadataAddress(address) || this.#list.excludes(bracketed(address), port)) return false;
    if (this.#list.lists(hostname, port)) return true;
    return this.#mode === 'public' && isPublicAddress(address);
  }
}

/** The port of a URL; if it states none, the default port of its protocol. */
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
