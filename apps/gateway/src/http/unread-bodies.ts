import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { IncomingMessage } from 'node:http';

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
