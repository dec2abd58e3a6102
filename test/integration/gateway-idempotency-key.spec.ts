import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type IdempotencyBench,
  idempotencyBench,
  LATER,
  LLM,
  REPLAYED,
  WRITE,
} from '../support/idempotency.js';

let use: IdempotencyBench;

beforeAll(async () => {
  use = await idempotencyBench();
});

afterAll(() => use.close());

describe('an Idempotency-Key', () => {
  it.each(['', 'x'.repeat(256), 'kéy', 'a\tb'])('is rejected when it is %j', async (key) => {
    const answer = await use.under(key)({ content: 'Ada naps.' });
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ path: '/Idempotency-Key' }] },
    });
  });

  it.each(['x', ' ~ '.trim(), 'x'.repeat(255), '"quoted, and listed"'])(
    'is accepted when it is %j',
    async (key) => {
      const body = { content: `Ada naps under ${key.length}${key[0]}.` };
      expect((await use.under(key)(body)).status).toBe(200);
      expect(await use.under(key)(body)).toMatchObject({ status: 200, headers: REPLAYED });
    },
  );

  it('is rejected when it is the caller’s key at the provider', async () => {
    const answer = await use.under(LLM.key)(WRITE);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  it('is kept as a hash, without text of the body and without a key', async () => {
    const key = `order-${randomUUID()}`;
    await use.under(key)(
      { ...WRITE, metadata: { canary: 'a-secret-thought' } },
      { headers: LATER },
    );
    const rows = await use.database.query(
      `select r::text as text, encode(key_hash, 'escape') || encode(fingerprint, 'escape') as bytes from idempotency_records r`,
    );
    const text = JSON.stringify(rows);
    for (const secret of [key, LLM.key, 'secret-thought', 'London'])
      expect(text).not.toContain(secret);
  });
});
