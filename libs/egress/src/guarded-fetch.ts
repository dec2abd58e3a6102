import type { LookupFunction } from 'node:net';

import {
  Agent,
  buildConnector,
  fetch as undiciFetch,
  Headers as AnswerHeaders,
  Pool,
  Response as Answer,
} from 'undici';

import { addressOf, isMetadataAddress } from './address-rules.js';
import { type EgressRules, portOf } from './egress-policy.js';
import { FixedOrigin } from './fixed-origin.js';
import { NameLookups } from './name-lookups.js';
import { callingAccount } from './on-behalf-of.js';
import { Unreachable } from './unreachable.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** Idle connections close soon: callers choose the origins, so they could make the pools grow. */
const KEEP_ALIVE_MS = 10_000;
const MAX_KEEP_ALIVE_MS = 30_000;
/** A socket tries the addresses of a name one after the other, and a name may have thousands. */
const MOST_ADDRESSES = 8;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** A backstop only: every call brings a deadline of its own. */
const STALL_TIMEOUT_MS = 600_000;

/**
 * The headers that every request may carry. Others are sent only if the definition of the API lists them: the SDKs add
 * headers of their own and those of `*_CUSTOM_HEADERS` in the environment, and tracing adds `traceparent`.
 */
const COMMON_HEADERS: readonly string[] = ['accept', 'authorization', 'content-type', 'user-agent'];

/** The way out for the requests of one API. */
export type ApiEgress = Pick<Egress, 'fetch' | 'toldOf'>;

/**
 * The one way out. Every address is checked and the socket is pinned to what was checked; redirects and answers over 8 MiB,
 * compressed or decompressed, are errors. The npm package's own fetch and Agent, always as a pair: Node's fetch fails under
 * this Agent, and obeys proxy variables.
 */
export class Egress {
  readonly fetch: typeof fetch;
  readonly #agent: Agent;

  /** @param nameServers instead of those of resolv.conf: `address:port`. */
  constructor(
    private readonly rules: EgressRules,
    nameServers?: readonly string[],
  ) {
    const names = new NameLookups(nameServers);
    this.#agent = new Agent({
      factory: (origin, options) =>
        new Pool(
          origin,
          Object.assign({}, options, { connect: connectorTo(new URL(origin), rules, names) }),
        ),
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
      headersTimeout: STALL_TIMEOUT_MS,
      bodyTimeout: STALL_TIMEOUT_MS,
    });
    this.fetch = guardedFetch(rules, this.#agent, COMMON_HEADERS);
  }

  /** The same way out, and the same connections, for requests that carry these headers besides the common ones. */
  forApi(requestHeaders: readonly string[]): ApiEgress {
    return {
      fetch: guardedFetch(this.rules, this.#agent, [...COMMON_HEADERS, ...requestHeaders]),
      toldOf: (origin) => this.toldOf(origin),
    };
  }

  /** For the bundled account: calls the operator's own address, private or plain http if need be, and refuses every other. */
  static forOrigin(baseUrl: string): Egress {
    return new Egress(new FixedOrigin(baseUrl));
  }

  /** What a caller may be told of a host that cannot be reached: its address as the caller gave it, and the reason where it is listed. */
  toldOf(origin: URL): 'reason' | 'address' | 'nothing' {
    if (this.rules.isOperatorsOwn === true) return 'nothing';
    return this.rules.lists?.(origin.hostname, portOf(origin)) === true ? 'reason' : 'address';
  }

  /** Cuts what is still under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function guardedFetch(
  rules: EgressRules,
  dispatcher: Agent,
  allowedHeaders: readonly string[],
): typeof fetch {
  const guarded = async (input: unknown, init: RequestInit = {}): Promise<unknown> => {
    if (typeof input !== 'string' && !(input instanceof URL)) {
      throw new TypeError('A guarded fetch takes a URL.');
    }
    const url = new URL(input);
    rules.checkOrigin(url);
    const { body, method, signal } = init;
    const answer = await undiciFetch(url, {
      ...(method !== undefined && { method }),
      ...(typeof body === 'string' && { body }),
      ...(signal && { signal }),
      headers: sentHeaders(init.headers, allowedHeaders),
      redirect: 'error',
      dispatcher,
    });
    return limitDecompressed(answer);
  };
  // undici's Response is the standard's; its type only differs in names that TypeScript compares.
  return guarded as typeof fetch;
}

/** Encodings that undici decompresses. Some hosts compress although the request declines it. */
const DECOMPRESSED_ENCODINGS = /^(?:x-)?gzip$|^deflate$|^br$/i;

/**
 * undici counts bytes before it decompresses them, and 200 KB of gzip may become 200 MB, so the decompressed bytes are counted
 * here as well. An encoding that undici does not know is an error.
 */
async function limitDecompressed(answer: Answer): Promise<Answer> {
  const encoding = answer.headers.get('content-encoding')?.trim() ?? '';
  if (encoding === '' || encoding.toLowerCase() === 'identity' || !answer.body) return answer;
  if (!DECOMPRESSED_ENCODINGS.test(encoding)) {
    await answer.body.cancel();
    throw new TypeError('The answer is compressed in a way that is not read.');
  }
  const headers = new AnswerHeaders([...answer.headers]);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const { status, statusText } = answer;
  return new Answer(answer.body.pipeThrough(limitBytes(MAX_ANSWER_BYTES)), {
    status,
    statusText,
    headers,
  });
}

function limitBytes(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left < 0) controller.error(new TypeError('The answer is too large when it is unpacked.'));
      else controller.enqueue(chunk);
    },
  });
}

function sentHeaders(
  given: RequestInit['headers'],
  allowedHeaders: readonly string[],
): [string, string][] {
  const headers = new Headers(given);
  const sent = allowedHeaders.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return [...sent, ['accept-encoding', 'identity']];
}

function connectorTo(
  origin: URL,
  rules: EgressRules,
  names: NameLookups,
): buildConnector.connector {
  const port = portOf(origin);
  const lookup: LookupFunction = (hostname, options, callback) => {
    const owner = { account: callingAccount(), isListed: rules.lists?.(hostname, port) ?? false };
    names.addressesOf(hostname, owner).then(
      (found) => {
        const used = found.slice(0, MOST_ADDRESSES);
        const [first] = used;
        // One bad address spoils the name: which one a socket takes is not ours to say.
        if (!first || !found.every(({ address }) => rules.permitsAddress(hostname, port, address)))
          return callback(new Unreachable(), '', 0);
        return options.all ? callback(null, used) : callback(null, first.address, first.family);
      },
      () => callback(new Unreachable(), '', 0),
    );
  };
  const connect = buildConnector({ lookup, timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  return (options, callback) => {
    // A literal never reaches the lookup.
    const literal = addressOf(options.hostname);
    const refused =
      literal !== undefined &&
      (isMetadataAddress(literal) || !rules.permitsAddress(origin.hostname, port, literal));
    if (refused) callback(new Unreachable(), null);
    else connect(options, callback);
  };
}
