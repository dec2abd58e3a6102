import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { BodyBytes } from '../../apps/gateway/src/http/body/receive-bodies.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';
import { connectTo, type RawConnection } from '../support/raw-http.js';

const MEBIBYTE = 1024 * 1024;
const UNKNOWN_KEY = `aurra_${'x'.repeat(43)}`;

let gateway: GatewayBench;
let port: number;
let key: string;

beforeAll(async () => {
  gateway = await startGateway({ MAX_BODY_BYTES_IN_FLIGHT: String(64 * MEBIBYTE) });
  await gateway.app.listen(0, '127.0.0.1');
  ({ port } = gateway.app.getHttpServer().address() as { port: number });
  key = await gateway.makeKey({});
});

afterAll(() => gateway.close());

const ownBearer = (): string => `Bearer ${key}`;

const held = (): number => gateway.app.get(BodyBytes).held;

interface Opened {
  readonly path?: string;
  readonly authorization?: string;
  readonly length?: number;
  readonly more?: string;
}

/** Sends the head of a POST, and nothing of its body. */
async function open({ path, authorization, length, more = '' }: Opened): Promise<RawConnection> {
  const connection = await connectTo(port);
  const credential = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
  connection.socket.write(
    `POST ${path ?? '/agent/memories/batch'} HTTP/1.1\r\nHost: x\r\n${credential}${more}` +
      `Content-Type: application/json\r\nContent-Length: ${length ?? 16 * MEBIBYTE}\r\n\r\n`,
  );
  return connection;
}

/** Sends so many bytes of a body, in pieces, without waiting for an answer. */
async function pour({ socket }: RawConnection, bytes: number): Promise<void> {
  const piece = Buffer.alloc(MEBIBYTE, 0x20);
  for (let left = bytes; left > 0 && !socket.destroyed; left -= piece.length) {
    const isTaken = socket.write(piece.subarray(0, Math.min(left, piece.length)));
    if (!isTaken)
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
}

describe('a request without a valid API key', () => {
  it.each([
    ['no header', undefined, 'The Authorization header is missing'],
    ['another scheme', 'Basic dTpw', 'holds no Bearer token'],
    ['no Aurra key', 'Bearer secret-words', 'not an Aurra key'],
    ['a provider’s key', 'Bearer sk-ant-0123456789', 'it belongs in `llm.key`'],
    ['an unknown key', `Bearer ${UNKNOWN_KEY}`, 'unknown, revoked or expired'],
  ])('is answered before its body begins: %s', async (_what, authorization, detail) => {
    using connection = await open({ ...(authorization !== undefined && { authorization }) });
    await connection.until('"code":"not_authenticated"');
    expect(connection.text()).toMatch(/^HTTP\/1\.1 401 /);
    expect(connection.text()).toContain(detail);
    expect(connection.text()).not.toContain('0123456789');
    expect(connection.text()).not.toContain('secret-words');
  });

  it('gets a message that no other header is read', async () => {
    using connection = await open({ more: `X-Api-Key: ${UNKNOWN_KEY}\r\n` });
    await connection.until('No key is read from `X-Api-Key`');
    expect(connection.text()).not.toContain(UNKNOWN_KEY);
  });

  it.each(['/admin/accounts', '/admin/accounts/x/keys'])(
    'is answered as early under %s',
    async (path) => {
      using connection = await open({ path, authorization: 'Bearer guess', length: MEBIBYTE });
      expect(await connection.until('"code":"not_authenticated"')).toMatch(/^HTTP\/1\.1 401 /);
    },
  );

  it('gets its answer although it sends its whole body first, and no byte of it is kept', async () => {
    using connection = await open({});
    await pour(connection, 16 * MEBIBYTE);
    await connection.until('"code":"not_authenticated"');
    expect(held()).toBe(0);
    // The next request on the same connection is handled as usual.
    connection.socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await connection.until('{"status":"ok"}');
  });

  it('with Expect: 100-continue is told not to send its body', async () => {
    using connection = await open({ more: 'Expect: 100-continue\r\n' });
    await connection.until('"code":"not_authenticated"');
    expect(connection.text()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('with Connection: close gets its answer, and then the end of the connection', async () => {
    using connection = await open({ more: 'Connection: close\r\n', length: 4 * MEBIBYTE });
    await pour(connection, 4 * MEBIBYTE);
    expect(await connection.until('"code":"not_authenticated"')).toMatch(/^HTTP\/1\.1 401 /);
    await connection.closed();
  });
});

describe('a path that does not exist', () => {
  it.each([1, 32])('is answered without reading its body of %i MiB', async (size) => {
    using connection = await open({ path: '/agent/nowhere', length: size * MEBIBYTE });
    expect(await connection.until('"code":"not_found"')).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('a request body', () => {
  it('is requested when the client waits for 100 Continue', async () => {
    const body = JSON.stringify({ content: 'Told after a hundred.' });
    using connection = await open({
      path: '/agent/memories',
      authorization: ownBearer(),
      length: body.length,
      more: 'Expect: 100-continue\r\n',
    });
    await connection.until('HTTP/1.1 100 Continue\r\n\r\n');
    connection.socket.write(body);
    expect(await connection.until('"status":"saved"')).toContain('HTTP/1.1 200 OK');
  });

  it('that is announced as too large is rejected unread, with its size', async () => {
    const length = 16 * MEBIBYTE + 1;
    using connection = await open({ authorization: ownBearer(), length });
    await connection.until('"code":"payload_too_large"');
    expect(connection.text()).toContain(`16 MiB. This one has ${length} bytes.`);
  });

  it('that turns out too large is rejected while it is read', async () => {
    using connection = await connectTo(port);
    connection.socket.write(
      `POST /agent/memories HTTP/1.1\r\nHost: x\r\nAuthorization: ${ownBearer()}\r\n` +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const piece = Buffer.alloc(MEBIBYTE, 0x20);
    for (let sent = 0; sent < 3; sent += 1) {
      connection.socket.write('100000\r\n');
      connection.socket.write(piece);
      connection.socket.write('\r\n');
    }
    expect(await connection.until('"code":"payload_too_large"')).toContain('which is 2 MiB.');
  });

  it('counts towards the limit of its key until the request is answered or the client has left', async () => {
    using first = await open({ authorization: ownBearer() });
    await pour(first, 12 * MEBIBYTE);
    await vi.waitFor(() => expect(held()).toBe(12 * MEBIBYTE), { timeout: 20_000 });

    // A quarter of 64 MiB: this key has room for 4 MiB more.
    using second = await open({ authorization: ownBearer() });
    await second.until('"code":"rate_limited"');
    expect(second.text()).toMatch(/retry-after: 1/i);
    const small = { content: 'Small enough.', tenant_id: 'small' };
    expect((await gateway.send('/agent/memories', { key, body: small })).status).toBe(200);
    using other = await open({ authorization: `Bearer ${await gateway.makeKey({})}` });
    await pour(other, MEBIBYTE);
    await vi.waitFor(() => expect(held()).toBe(13 * MEBIBYTE), { timeout: 20_000 });

    first.socket.destroy();
    other.socket.destroy();
    await vi.waitFor(() => expect(held()).toBe(0), { timeout: 20_000 });
    expect((await gateway.send('/agent/memories', { key, body: small })).status).toBe(200);
    expect(held()).toBe(0);
  });
});

describe('a request', () => {
  it('with an unknown expectation is answered as if it had none', async () => {
    using connection = await open({ more: 'Expect: 200-ok\r\n', length: 2 });
    expect(await connection.until('"code":"not_authenticated"')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['no Host header', '', 'has no Host header'],
    ['two Host headers', 'Host: a\r\nHost: b\r\n', 'more than one Host header'],
    ['a Host that is none', 'Host: a b\r\n', 'is not a host'],
  ])('with %s gets a problem', async (_what, hosts, detail) => {
    using connection = await connectTo(port);
    connection.socket.write(`GET /health/live HTTP/1.1\r\n${hosts}\r\n`);
    const text = await connection.until('"code":"invalid_request"');
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
    expect(text).toContain(detail);
    await connection.closed();
  });

  it('of HTTP/1.0 needs no Host header', async () => {
    using connection = await connectTo(port);
    connection.socket.write('GET /health/live HTTP/1.0\r\n\r\n');
    expect(await connection.until('{"status":"ok"}')).toContain(' 200 OK');
  });
});
