import type { LlmTarget } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';

/** So long a part of a path, with digits in it, may be a token. */
const MAX_SHOWN_SEGMENT = 24;

/** Where one call goes, for the words of its failure. */
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

  /** `POST https://host/v1/chat/completions`, without a query; undefined before the call, and where it is not for callers. */
  get called(): string | undefined {
    return this.#told === 'nothing' ? undefined : this.#called;
  }

  /** `host:port` as the caller gave it; undefined where the caller gave none. */
  get host(): string | undefined {
    if (!this.#origin || this.#told === 'nothing') return undefined;
    const { hostname, port, protocol } = this.#origin;
    return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  }

  /** Whether it may be said why no connection came about: of other hosts it would tell which ports are open. */
  get tellsReason(): boolean {
    return this.#told === 'reason';
  }

  get #told(): ReturnType<ApiEgress['toldOf']> {
    return this.#origin ? this.egress.toldOf(this.#origin) : 'address';
  }
}

function shownPath({ pathname }: URL): string {
  return pathname
    .split('/')
    .map((segment) => (segment.length > MAX_SHOWN_SEGMENT && /\d/.test(segment) ? '…' : segment))
    .join('/');
}
