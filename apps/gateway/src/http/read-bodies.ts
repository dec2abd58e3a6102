import { AppError } from '@app/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

import type { BodyBytes, BodyHold } from './body-bytes.js';

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
