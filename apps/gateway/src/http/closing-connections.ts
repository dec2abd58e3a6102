import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';

/**
 * Lets a server that was told to stop end with the last answer that it owes. Node would wait more than a minute longer:
 * for connections on which nothing was ever asked (clients open such in advance), and for kept ones to be used again.
 */
export function closeConnectionsAtShutdown(fastify: FastifyInstance): void {
  const unused = new Set<Socket>();
  let isClosing = false;
  fastify.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  fastify.server.on('request', ({ socket }) => unused.delete(socket));
  fastify.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
  });
}
