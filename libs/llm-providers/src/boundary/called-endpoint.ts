import type { LlmTarget } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';

/** A longer part of a path that contains digits may be a token, so it is not shown. */
const MAX_SHOWN_SEGMENT = 24;

/** The address of one call, for the message of its failure. */
export class CalledEndpoint {
  #called: string | undefined;
  readonly #origin: URL | undefined;

  constructor(
    { baseUrl }: Pick<LlmTarget, 'baseUrl'>,
    private readonly egress: ApiEgress,
  ) {
    this.#origin = baseUrl === undefined ? undefined : new URL(baseUrl);
  }

  noteCall(method: string, url: URL): void {
    this.#called = `${method} ${url.origin}${shownPath(url)}`;
  }

  /** `POST https://host/v1/chat/completions`, without a query; undefined before the call, and if callers must not see it. */
  get called(): string | undefined {
    return this.#disclosure === 'nothing' ? undefined : this.#called;
  }

  /** `host:port` as the caller gave it; undefined if the caller gave none. */
  get host(): string | undefined {
    if (!this.#origin || this.#disclosure === 'nothing') return undefined;
    const { hostname, port, protocol } = this.#origin;
    return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  }

  /** Whether the reason of a failed connection may be stated. For other hosts it would reveal which ports are open. */
  get mayStateReason(): boolean {
    return this.#disclosure === 'reason';
  }

  get #disclosure(): ReturnType<ApiEgress['disclosureOf']> {
    return this.#origin ? this.egress.disclosureOf(this.#origin) : 'address';
  }
}

function shownPath({ pathname }: URL): string {
  return pathname
    .split('/')
    .map((segment) => (segment.length > MAX_SHOWN_SEGMENT && /\d/.test(segment) ? '…' : segment))
    .join('/');
}
