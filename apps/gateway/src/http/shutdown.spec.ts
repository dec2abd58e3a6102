import { fastify } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';

import { closeConnectionsAtShutdown } from './shutdown.js';

describe('a server that shuts down', () => {
  it('closes connections without a request, and finishes open requests', async () => {
    const server = fastify();
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    server.get('/', async () => {
      ask();
      await mayAnswer;
      return 'done';
    });
    closeConnectionsAtShutdown(server);
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    const quiet = connect(Number(new URL(url).port), '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await once(quiet, 'connect');
    const answered = fetch(url).then((response) => response.text());
    await asked;
    const closed = server.close();
    await once(quiet, 'close');
    answer();
    expect(await answered).toBe('done');
    await closed;
  });
});
