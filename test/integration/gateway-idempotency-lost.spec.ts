import { randomUUID } from 'node:crypto';
import { request } from 'node:http';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  type Call,
  type IdempotencyBench,
  idempotencyBench,
  LATER,
  REPLAYED,
  WRITE,
} from '../support/idempotency.js';
import type { Received } from '../support/gateway.js';
import { whileWritesAreLocked } from '../support/locked-writes.js';

let use: IdempotencyBench;

beforeAll(async () => {
  use = await idempotencyBench();
});

afterEach(() => use.forgetQueued());

afterAll(() => use.close());

/** Long enough for a call to have made its write, or never to. */
const ACCEPTED_WITHIN_S = 15;

describe('concurrent calls under one Idempotency-Key', () => {
  it.each([
    ['in content mode', { content: 'Ada juggles.', tenant_id: 'fifty' }, {}],
    ['in messages mode', WRITE, LATER],
  ])('store one write when fifty arrive at once, %s', async (_what, body, headers) => {
    const call = use.under();
    const before = await use.count('writes');
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(body, { headers })));
    expect(await use.count('writes')).toBe(before + 1);
    const made = answers.filter(({ status }) => status !== 409);
    const firsts = made.filter((one) => one.headers['idempotency-replayed'] === undefined);
    expect(firsts).toHaveLength(1);
    for (const one of made)
      expect(one).toMatchObject({ status: firsts[0]?.status, json: firsts[0]?.json });
    for (const { headers: has, json } of answers.filter(({ status }) => status === 409)) {
      expect(json).toMatchObject({ code: 'idempotency_in_flight', retryable: true });
      expect(has['retry-after']).toMatch(/^[1-9]/);
    }
  });

  it('get 409 while the first one waits', async () => {
    const call = use.under();
    const before = await use.count('idempotency_records');
    const first = call(WRITE);
    await vi.waitFor(async () => expect(await use.count('idempotency_records')).toBe(before + 1), {
      timeout: 10_000,
    });
    expect((await call(WRITE)).status).toBe(409);
    await use.work();
    expect((await first).status).toBe(200);
  });
});

const LOST = `state = 'running', reply = jsonb_build_object('writeId', reply->'writeId', 'waitMs', 1000)`;

/** Makes the record of a call that a gateway began `age` seconds ago, before the gateway died. */
async function lost(call: Call, age: number, left: 'its write' | 'nothing'): Promise<string> {
  const { json } = await call(WRITE, { headers: LATER });
  if (left === 'nothing')
    await use.database.query('delete from writes where id = $1', [json.job_id]);
  await change(json.job_id, LOST);
  await makeOld(json.job_id, age);
  return json.job_id;
}

const makeOld = (writeId: string, seconds: number): Promise<void> =>
  change(writeId, `created_at = now() - interval '${seconds} seconds'`);

async function change(writeId: string, set: string): Promise<void> {
  await use.database.query(`update idempotency_records set ${set} where reply->>'writeId' = $1`, [
    writeId,
  ]);
}

describe('a retry after its gateway was lost', () => {
  it('makes a call that had stored nothing, once, under the reserved id', async () => {
    const call = use.under();
    const writeId = await lost(call, ACCEPTED_WITHIN_S - 1, 'nothing');
    expect((await call(WRITE, { headers: LATER })).status).toBe(409);
    await makeOld(writeId, ACCEPTED_WITHIN_S + 1);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(WRITE, { headers: LATER })),
    );
    const made = answers.filter(({ status }) => status === 202);
    for (const { json } of made) expect(json.job_id).toBe(writeId);
    expect(made.filter(({ headers }) => !headers['idempotency-replayed'])).toHaveLength(1);
    for (const { json } of answers.filter(({ status }) => status !== 202))
      expect(json.code).toBe('idempotency_in_flight');
  });

  it('gets 409 while the first caller may still wait, and then 202', async () => {
    const call = use.under();
    const writeId = await lost(call, ACCEPTED_WITHIN_S, 'its write');
    expect((await call(WRITE)).status).toBe(409);
    await makeOld(writeId, ACCEPTED_WITHIN_S + 2);
    const answer = { status: 202, headers: REPLAYED, json: { job_id: writeId } };
    expect(await call(WRITE)).toMatchObject(answer);
    await use.work();
    expect(await call(WRITE)).toMatchObject(answer);
  });

  it('gets the result at once when the write has ended', async () => {
    const call = use.under();
    const writeId = await lost(call, 0, 'its write');
    await use.work();
    for (const _time of ['first', 'second']) {
      expect(await call(WRITE)).toMatchObject({
        status: 200,
        headers: { ...REPLAYED, location: `/agent/jobs/${writeId}` },
        json: { status: 'extracted' },
      });
    }
  });

  it('makes the write anew when it failed with a code that frees the key', async () => {
    const call = use.under();
    const writeId = await lost(call, 60, 'its write');
    await use.work({ code: 'llm_auth_failed', detail: 'No.' });
    const answer = await call(WRITE, { headers: LATER });
    expect(answer.status).toBe(202);
    expect(answer.json.job_id).not.toBe(writeId);
  });
});

describe.each([
  ['a job', WRITE, LATER],
  ['a fact that the gateway stores', { content: 'Ada tiptoes.' }, {}],
])('a gateway that continues late, with %s', (_what, body, headers) => {
  it('writes nothing when another one has taken the call over', async () => {
    const call = use.under();
    const before = await use.count('writes');
    const answers: Promise<Received>[] = [];
    await whileWritesAreLocked(use.gateway.databaseUrl, async (untilWaiting) => {
      answers.push(call(body, { headers }));
      const [record] = await vi.waitFor(async () => {
        const rows = await use.database.query<{ id: string }>(
          `select reply->>'writeId' as id from idempotency_records where state = 'running' and created_at > now() - interval '5 seconds'`,
        );
        expect(rows).toHaveLength(1);
        return rows;
      });
      await makeOld(record?.id ?? '', 20);
      answers.push(call(body, { headers }));
      await untilWaiting(2);
    });
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['prefer' in headers ? 202 : 200, 409]));
    expect(await use.count('writes')).toBe(before + 1);
    expect(await call(body, { headers })).toMatchObject({
      headers: REPLAYED,
      status: 'prefer' in headers ? 202 : 200,
    });
  });
});

describe('a client that disconnects while it waits', () => {
  it('finds its write when it sends the call again', async () => {
    await use.gateway.app.listen(0, '127.0.0.1');
    const { port } = new URL(await use.gateway.app.getUrl());
    const headers = {
      authorization: `Bearer ${await use.gateway.makeKey({})}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const before = await use.count('writes');
    const leaving = request({ port, method: 'POST', path: '/agent/memories', headers }).on(
      'error',
      () => undefined,
    );
    leaving.end(JSON.stringify(WRITE));
    await vi.waitFor(async () => expect(await use.count('writes')).toBe(before + 1), {
      timeout: 10_000,
    });
    leaving.destroy();
    const call = use.under(headers['idempotency-key']);
    const again = await vi.waitFor(async () => {
      const answer = await call(WRITE);
      expect(answer.status).not.toBe(409);
      return answer;
    });
    expect(again).toMatchObject({ status: 202, headers: REPLAYED });
    expect(await use.count('writes')).toBe(before + 1);
    const job = await use.gateway.send(String(again.headers['location']));
    expect(job.json).toMatchObject({ state: 'queued' });
  });
});
