import { AppError } from '@app/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of this request's body in memory, counted from the first byte until the response has ended. */
    bodyHold?: BodyHold;
  }
}

/** All requests without an API key share this holder: those of the operator and those to public routes. */
const OPERATOR = 'operator';
const MEBIBYTE = 1024 * 1024;

/**
 * Reads bodies as bytes after authentication; the pipe parses them. `100 Continue` is sent after authentication too.
 * Call it after `Authentication.addHooks`.
 */
export function readBodies(fastify: FastifyInstance, bytes: BodyBytes): void {
  const waiting = new WeakSet<IncomingMessage>();
  // Without this listener Node sends "100 Continue" before the request is authenticated.
  fastify.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    fastify.server.emit('request', request, response);
  });
  // Node answers any other expectation with an empty 417. The RFC allows ignoring it (RFC 9110, section 10.1.1).
  fastify.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    fastify.server.emit('request', request, response);
  });
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    // An unknown path answers 404 even if the body is too large.
    if (request.is404) return done();
    const holder = request.caller?.apiKeyId ?? OPERATOR;
    const hold = bytes.hold(holder);
    request.bodyHold = hold;
    reply.raw.once('close', () => hold[Symbol.dispose]());
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > request.routeOptions.bodyLimit) return done(tooLarge(request, declared));
    try {
      hold.expect(declared);
    } catch (error) {
      return done(error as AppError);
    }
    if (waiting.has(request.raw)) reply.raw.writeContinue();
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, body: Readable) => {
      if (request.is404) return undefined;
      if (isEncoded(request)) throw encodedBody();
      return readBody(request, body);
    },
  );
}

async function readBody(request: FastifyRequest, body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Keep the stream after a refusal: destroying it would close the connection before the response is sent.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > request.routeOptions.bodyLimit) throw tooLarge(request);
      request.bodyHold?.add(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof AppError ? error : cutOff();
  }
  const whole = Buffer.concat(chunks);
  // The chunks may contain a caller's key. The pipe parses and wipes the copy.
  for (const chunk of chunks) chunk.fill(0);
  return whole;
}

const isEncoded = ({ headers }: FastifyRequest): boolean =>
  !['', 'identity'].includes(headers['content-encoding'] ?? '');

const encodedBody = (): AppError =>
  new AppError('unsupported_media_type', 'Send the body as it is, without a Content-Encoding.');

function tooLarge({ routeOptions }: FastifyRequest, declared?: number): AppError {
  const sent = declared === undefined ? '' : ` This one has ${declared} bytes.`;
  const limit = Math.floor((routeOptions.bodyLimit ?? 0) / MEBIBYTE);
  return new AppError(
    'payload_too_large',
    `The body is larger than this route takes, which is ${limit} MiB.${sent} Split it into several requests.`,
  );
}

const cutOff = (): AppError =>
  new AppError('invalid_request', 'The connection ended before the body did. Send it again.');

/** One holder may use a quarter of the limit, so that a single API key cannot fill the process. */
const SHARES = 4;
const RETRY_AFTER_MS = 1_000;

/** Counts the bytes of one request's body in memory. Disposing it releases them. */
export interface BodyHold extends Disposable {
  /** Checks a size without counting it. @throws AppError if a body of this size does not fit at this moment. */
  expect(bytes: number): void;
  /** Counts received bytes. @throws AppError if they do not fit. */
  add(bytes: number): void;
}

/**
 * Limits the bytes of request bodies in memory. They count from arrival until the response has ended: a parsed body is
 * still in memory while the request waits for its job.
 */
export class BodyBytes {
  #all = 0;
  readonly #byHolder = new Map<string, number>();

  /** @param limit in bytes, for all bodies together. */
  constructor(private readonly limit: number) {}

  get held(): number {
    return this.#all;
  }

  /** @param holder the id of an API key, or another name that has its own share. */
  hold(holder: string): BodyHold {
    let own = 0;
    return {
      expect: (bytes) => this.#check(holder, bytes),
      add: (bytes) => {
        this.#check(holder, bytes);
        own += bytes;
        this.#change(holder, bytes);
      },
      [Symbol.dispose]: () => {
        this.#change(holder, -own);
        own = 0;
      },
    };
  }

  #check(holder: string, bytes: number): void {
    const share = this.limit / SHARES;
    if ((this.#byHolder.get(holder) ?? 0) + bytes > share) throw tooMuchOfOne(share);
    if (this.#all + bytes > this.limit) throw tooMuchOfAll();
  }

  #change(holder: string, bytes: number): void {
    this.#all += bytes;
    const own = (this.#byHolder.get(holder) ?? 0) + bytes;
    if (own === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, own);
  }
}

const tooMuchOfOne = (share: number): AppError =>
  new AppError(
    'rate_limited',
    `The bodies of this API key's requests under way may hold ${Math.floor(share / MEBIBYTE)} MiB together. Wait until some are answered, then send this one again.`,
    { retryAfterMs: RETRY_AFTER_MS },
  );

const tooMuchOfAll = (): AppError =>
  new AppError(
    'unavailable',
    'This process holds as many bytes of requests as it may. Try again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );

/** After this time the connection of a client that still sends its body is destroyed. */
const DISCARD_MS = 10_000;

/**
 * Reads and discards the rest of a body after its request was answered early. Closing the connection at once would reset
 * it, and the client would lose the response.
 */
export function discardUnreadBodies(fastify: FastifyInstance): void {
  const discarding = new Set<IncomingMessage>();
  let isClosing = false;
  fastify.addHook('onSend', async (request, reply) => {
    if (isUnread(request.raw) && !isClosing) keepOpen(request, reply);
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    done();
    const { raw } = request;
    if (!isUnread(raw)) return;
    if (isClosing) {
      raw.socket.destroy();
      return;
    }
    discarding.add(raw);
    const timer = setTimeout(() => raw.socket.destroy(), DISCARD_MS).unref();
    for (const event of ['end', 'close']) {
      raw.once(event, () => {
        clearTimeout(timer);
        discarding.delete(raw);
      });
    }
    raw.resume();
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    for (const { socket } of discarding) socket.destroy();
  });
}

/** A request that a test injects has another class and no connection. */
const isUnread = (raw: IncomingMessage): boolean => raw instanceof IncomingMessage && !raw.complete;

/** Node destroys a non-persistent connection after the last byte of the response. Keep it until the body has ended. */
function keepOpen({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  if (reply.raw.shouldKeepAlive) return;
  reply.raw.shouldKeepAlive = true;
  raw.once('end', () => raw.socket.end());
}
