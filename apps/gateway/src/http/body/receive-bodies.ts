import { AppError } from '@app/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its body counts for, from the first byte until the answer. */
    bodyHold?: BodyHold;
  }
}

/** The operator has a share like one API key. */
const OPERATOR = 'operator';
const MEBIBYTE = 1024 * 1024;

/**
 * Reads bodies as bytes, once it is known who asks; the pipe parses them. A client that waits for `100 Continue` hears it
 * then, and not before. To be called after `Authentication.attend`.
 */
export function readBodies(fastify: FastifyInstance, bytes: BodyBytes): void {
  const waiting = new WeakSet<IncomingMessage>();
  // Without this listener Node says "100 Continue" before anything is known of the request.
  fastify.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    fastify.server.emit('request', request, response);
  });
  // Node answers any other expectation with an empty 417. It may be ignored (RFC 9110, section 10.1.1).
  fastify.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    fastify.server.emit('request', request, response);
  });
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    // An address that does not exist has no use for a body, whatever its size.
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
    // The stream outlives a refusal: destroying it would end the connection before the answer is sent.
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
  // They may hold a caller's key: what is parsed is the copy, which the pipe wipes.
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

/** One holder's bodies may be a quarter of all: four holders are needed to fill a process. */
const SHARES = 4;
const RETRY_AFTER_MS = 1_000;

/** One request's part of the bytes. */
export interface BodyHold extends Disposable {
  /** @throws AppError where a body of so many bytes would be too much at this moment. */
  expect(bytes: number): void;
  /** Counts bytes that have arrived. @throws AppError where they are too much. */
  add(bytes: number): void;
}

/**
 * How many bytes of request bodies a process holds at this moment. Bytes count from when they arrive until their request
 * is answered: a body that was read is still in memory, parsed, while its job is waited for.
 */
export class BodyBytes {
  #all = 0;
  readonly #byHolder = new Map<string, number>();

  /** @param limit of all bodies together. */
  constructor(private readonly limit: number) {}

  get held(): number {
    return this.#all;
  }

  /** @param holder the id of an API key, or whatever else has a share of its own. */
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

/** A client that sends on for so long after it was answered is cut off. */
const DISCARD_MS = 10_000;

/**
 * Answers a request whose body is still on its way so that the client sees the answer: the rest of the body is read and
 * thrown away for a while. Closing at once would reset the connection, and a reset takes the answer with it.
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

/** A request that was injected, as tests do, is of another class and has no connection. */
const isUnread = (raw: IncomingMessage): boolean => raw instanceof IncomingMessage && !raw.complete;

/** Node destroys a connection that is not to be kept with the last byte of the answer: it is kept until the body has ended. */
function keepOpen({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  if (reply.raw.shouldKeepAlive) return;
  reply.raw.shouldKeepAlive = true;
  raw.once('end', () => raw.socket.end());
}
