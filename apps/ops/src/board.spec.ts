import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { mountBoard, redactJobData } from './board.js';
import { opsSettings } from './ops.config.js';

const SETTINGS = {
  QUEUE_URL: 'redis://127.0.0.1',
  OPS_USER: 'operator',
  OPS_PASSWORD: 'operator-password',
};

let server: FastifyInstance;

beforeEach(async () => {
  server = fastify();
  await mountBoard(server, [], opsSettings.parse(SETTINGS));
});

afterEach(() => server.close());

const open = (password?: string, remoteAddress = '192.0.2.1') =>
  server.inject({
    url: '/',
    remoteAddress,
    headers: password === undefined ? {} : { authorization: basic(password) },
  });

const basic = (password: string): string =>
  `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;

/** Inline scripts of a page. A script element of type JSON is data and does not run. */
const inlineScripts = (page: string): readonly string[] =>
  [...page.matchAll(/<script(?![^>]*(?:src=|application\/json))[^>]*>[^<]+/g)].map(([tag]) => tag);

describe('the board', () => {
  it('opens with the right login only', async () => {
    expect((await open(SETTINGS.OPS_PASSWORD)).statusCode).toBe(200);
    expect(await open('operator-passwore')).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': expect.stringContaining('Basic') as string },
    });
    expect((await open()).statusCode).toBe(401);
  });

  it('checks ten wrong logins of an address in a minute, and refuses all later ones', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => open(`guess-${index}`)),
    );
    const statuses = guesses.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    const right = await open(SETTINGS.OPS_PASSWORD);
    expect(right.statusCode).toBe(429);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
    expect((await open(SETTINGS.OPS_PASSWORD, '192.0.2.2')).statusCode).toBe(200);
  });

  it('runs only scripts from its own files, and cannot be framed', async () => {
    for (const answer of [await open(SETTINGS.OPS_PASSWORD), await open()]) {
      expect(answer.headers).toMatchObject({
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
        ) as string,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
    expect(inlineScripts((await open(SETTINGS.OPS_PASSWORD)).body)).toEqual([]);
  });

  it('refuses to start with a short password', () => {
    const settings = opsSettings.safeParse({ ...SETTINGS, OPS_PASSWORD: 'a'.repeat(7) });
    expect(settings.error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [['OPS_PASSWORD'], expect.stringMatching(/^must have at least 8 characters/)],
    ]);
  });
});

describe('job data on the board', () => {
  it('keeps ids and hides the envelope', () => {
    expect(redactJobData({ v: 1, writeId: 'w', sealed: 'v1.k.a.b.c' })).toEqual({
      v: 1,
      writeId: 'w',
      sealed: '[sealed]',
    });
  });

  it('hides a field that is not on the list', () => {
    expect(redactJobData({ writeId: 'w', question: 'where do I live' })).toEqual({
      writeId: 'w',
      question: '[sealed]',
    });
  });

  it.each([undefined, null, 'text', 7])('shows nothing of %s', (data) => {
    expect(redactJobData(data)).toEqual({});
  });
});
