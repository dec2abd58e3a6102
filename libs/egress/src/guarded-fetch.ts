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
import { callingAccount } from './calling-account.js';
import { checkCall, encodingOf, MAX_ANSWER_BYTES, tooLargeUnpacked } from './checked-call.js';
import { type EgressRules, FixedOrigin, portOf } from './egress-policy.js';
import { type GuardedRequest, guardedRequest } from './guarded-request.js';
import { NameLookups, Unreachable } from './name-lookups.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** Short, because callers choose the origins and could make the number of open connections grow. */
const KEEP_ALIVE_MS = 10_000;
const MAX_KEEP_ALIVE_MS = 30_000;
/** A socket tries the addresses of a name one after the other. A name may have thousands. */
const MAX_ADDRESSES = 8;
/** A last resort: every call has its own timeout. */
const STALL_TIMEOUT_MS = 600_000;

/**
 * The headers that every request may carry. Others are sent only if they are given to `forApi`: the SDKs add
 * headers of their own and those of `*_CUSTOM_HEADERS` in the environment, and tracing adds `traceparent`.
 */
const COMMON_HEADERS: readonly string[] = ['accept', 'authorization', 'content-type', 'user-agent'];

/** The ways out for the requests of one provider API. They send only the headers of that API. */
export type ApiEgress = Pick<Egress, 'fetch' | 'request' | 'disclosureOf'>;

/**
 * Opens all connections to providers. Every address is checked, and the socket connects to exactly the checked address.
 * Redirects, and answers over 8 MiB compressed or decompressed, are errors. fetch and Agent both come from the npm package
 * `undici`: Node's own fetch does not work with this Agent and follows proxy variables.
 */
export class Egress {
  /** For answers that are read while they arrive. */
  readonly fetch: typeof fetch;
  /** For answers that are read to their end. */
  readonly request: GuardedRequest;
  readonly #agent: Agent;

  /** @param nameServers `address:port` of each; they replace those of resolv.conf */
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
    this.request = guardedRequest(rules, this.#agent, COMMON_HEADERS);
  }

  /** The same rules and connections. These headers are sent besides the common ones. */
  forApi(requestHeaders: readonly string[]): ApiEgress {
    const sent = [...COMMON_HEADERS, ...requestHeaders];
    return {
      fetch: guardedFetch(this.rules, this.#agent, sent),
      request: guardedRequest(this.rules, this.#agent, sent),
      disclosureOf: (origin) => this.disclosureOf(origin),
    };
  }

  /** For the bundled account: permits only the operator's own address, which may be private and use plain http. */
  static forOrigin(baseUrl: string): Egress {
    return new Egress(new FixedOrigin(baseUrl));
  }

  /**
   * The details of an unreachable host that an error may show to the caller. `address`: the address as the caller gave it.
   * `reason`: also the reason, which is shown for listed hosts only. `nothing`: the address is the operator's own.
   */
  disclosureOf(origin: URL): 'reason' | 'address' | 'nothing' {
    if (this.rules.isOperatorsOwn === true) return 'nothing';
    return this.rules.lists?.(origin.hostname, portOf(origin)) === true ? 'reason' : 'address';
  }

  /** Aborts the calls that are still running. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function guardedFetch(
  rules: EgressRules,
  dispatcher: Agent,
  allowedHeaders: readonly string[],
): typeof fetch {
  const guarded = async (input: unknown, init?: RequestInit): Promise<unknown> => {
    const { url, body, signal, ...call } = checkCall(rules, allowedHeaders, input, init);
    const answer = await undiciFetch(url, {
      ...call,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      redirect: 'error',
      dispatcher,
    });
    return limitDecompressed(answer);
  };
  // undici's Response has the standard's behaviour. Only TypeScript treats the two types as different.
  return guarded as typeof fetch;
}

/**
 * undici counts bytes before it decompresses them, and 200 KB of gzip may become 200 MB, so the decompressed bytes are counted
 * here as well. An encoding that undici does not know is an error.
 */
async function limitDecompressed(answer: Answer): Promise<Answer> {
  if (!answer.body) return answer;
  try {
    if (encodingOf(answer.headers.get('content-encoding')) === undefined) return answer;
  } catch (error) {
    await answer.body.cancel();
    throw error;
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
      if (left < 0) controller.error(tooLargeUnpacked());
      else controller.enqueue(chunk);
    },
  });
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
        const used = found.slice(0, MAX_ADDRESSES);
        const [first] = used;
        // One refused address makes the whole name refused, because the socket chooses among the addresses.
        if (!first || !found.every(({ address }) => rules.permitsAddress(hostname, port, address)))
          return callback(new Unreachable(), '', 0);
        return options.all ? callback(null, used) : callback(null, first.address, first.family);
      },
      () => callback(new Unreachable(), '', 0),
    );
  };
  const connect = buildConnector({ lookup, timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  return (options, callback) => {
    // An IP address in the URL is not looked up, so it is checked here.
    const literal = addressOf(options.hostname);
    const refused =
      literal !== undefined &&
      (isMetadataAddress(literal) || !rules.permitsAddress(origin.hostname, port, literal));
    if (refused) callback(new Unreachable(), null);
    else connect(options, callback);
  };
}
