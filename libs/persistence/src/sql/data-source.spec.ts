import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

import { afterEach, expect, it } from 'vitest';

import { connect } from './data-source.js';

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};

/** A Postgres that lets everybody in and ends the connection in the same breath: one packet. */
const CUT_AT_ONCE = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('Z', Buffer.from('I')),
  message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0')),
]);

let server: Server;

afterEach(() => server.close());

it('a connection that is cut while it is handed out is a failure, and not the end of the process', async () => {
  server = createServer((socket) => socket.once('data', () => socket.end(CUT_AT_ONCE)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(
    connect({ url: `postgres://someone@127.0.0.1:${port}/aurra`, poolSize: 2 }),
  ).rejects.toThrow('Postgres (DATABASE_URL) cannot be used');
});
