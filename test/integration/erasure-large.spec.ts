import { PostgresErasureStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type GatewayBench, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const PREFIX = 'erasure-large';
const MANY = 10_500;

let gateway: GatewayBench;

const bench = await perFile(workerBench(PREFIX));

beforeAll(async () => {
  gateway = await startGateway({
    DATABASE_URL: bench.connected.url,
    QUEUE_PREFIX: PREFIX,
    BUNDLED_LLM: 'true',
  });
});

afterAll(async () => {
  await gateway.close();
});

const query = <Row>(sql: string, values: readonly unknown[] = []) =>
  bench.connected.database.query<Row>(sql, values);

/** More memories than one call erases, four to a write, with a turn each and one that they share. */
async function insertMany(accountId: string, tenant: string): Promise<void> {
  await query(
    `with numbered as (
       select gen_random_uuid() as id, gen_random_uuid() as turn_id, n, md5('write' || $2 || n / 4)::uuid as write_id
         from generate_series(0, $3::int - 1) as n
     ), stored as (
       insert into memories (id, account_id, tenant_id, source, metadata, text, fold_hash, topic, category, importance,
                             write_id, created_at, captured_at, valid_from, search_document)
       select id, $1, $2, 'agent', '{}', 'fact ' || n, sha256(n::text::bytea), 'General', 'other', 5,
              write_id, now() - interval '1 hour', now(), now(), search_words('fact ' || n)
         from numbered
     ), believed as (
       insert into memory_versions (memory_id, account_id, valid_from, believed_from)
       select id, $1, now(), now() from numbered
     ), said as (
       insert into turns (id, account_id, write_id, position, role, text)
       select turn_id, $1, write_id, n % 4, 'user', 'said ' || n from numbered
     )
     insert into memory_turns (memory_id, turn_id)
     select a.id, b.turn_id from numbered a join numbered b on b.write_id = a.write_id and b.n in (a.n, a.n / 4 * 4)`,
    [accountId, tenant, MANY],
  );
}

const countOf = async (table: string, accountId: string): Promise<number> => {
  const [row] = await query<{ count: number }>(
    `select count(*)::int as count from ${table} where account_id = $1`,
    [accountId],
  );
  return row?.count ?? 0;
};

describe('an erasure of more memories than one call erases', () => {
  let location: string;
  const job = async () => (await gateway.send(location)).json;

  beforeAll(() => insertMany(gateway.accountId, 'large'));

  it('is accepted with a job, and queued writes end at once', async () => {
    const queued = await gateway.send('/agent/memories', {
      body: { messages: [{ role: 'user', content: 'Hello.' }], tenant_id: 'large' },
      headers: { prefer: 'respond-async' },
    });
    const url = '/agent/memories?tenant_id=large';
    const accepted = await gateway.send(url, { method: 'DELETE' });
    expect(accepted).toMatchObject({ status: 202, json: { status: 'accepted' } });
    location = String(accepted.headers['location']);
    expect(location).toBe(`/agent/jobs/${accepted.json.job_id}`);
    expect(await job()).toMatchObject({
      kind: 'erasure',
      result: { status: 'deleting', tenant_id: 'large', deleted_count: 0 },
      finished_at: null,
    });
    const ended = await gateway.send(String(queued.headers['location']));
    expect(ended.json.state).toBe('cancelled');
    expect(await countOf('memories', gateway.accountId)).toBe(MANY);
  });

  it('runs in batches, and an interrupted batch does not count', async () => {
    const { database } = bench.connected;
    const store = new PostgresErasureStore(database);
    const [erasure] = await store.findUnfinished();
    expect(await store.eraseMemories(erasure!, 500)).toBe(500);
    expect(await job()).toMatchObject({ state: 'running', result: { deleted_count: 500 } });
    expect(await countOf('memories', gateway.accountId)).toBe(MANY - 500);

    const cut = vi.spyOn(database, 'inTransaction').mockImplementationOnce((work) =>
      Object.getPrototypeOf(database).inTransaction.call(database, async (statements: never) => {
        await work(statements);
        throw new Error('cut off');
      }),
    );
    await expect(store.eraseMemories(erasure!, 500)).rejects.toThrow('cut off');
    cut.mockRestore();
    expect(await job()).toMatchObject({ result: { deleted_count: 500 } });
    expect(await countOf('memories', gateway.accountId)).toBe(MANY - 500);
  });

  it('of an account revokes its keys at once, and a repeated request reports that it is running', async () => {
    const { json: made } = await gateway.administer('/admin/accounts', { body: { name: 'large' } });
    await insertMany(made.account_id, 'of the account');
    const url = `/admin/accounts/${made.account_id}`;
    const accepted = await gateway.administer(url, { method: 'DELETE' });
    expect(accepted).toMatchObject({
      status: 202,
      json: { status: 'accepted', account_id: made.account_id },
    });
    expect((await gateway.send('/agent/memories', { key: made.api_key })).status).toBe(401);
    expect((await gateway.administer(url)).status).toBe(404);
    expect((await gateway.administer(`${url}/keys`, { body: {} })).status).toBe(404);
    expect(await gateway.administer(url, { method: 'DELETE' })).toMatchObject({
      status: 202,
      json: { job_id: accepted.json.job_id },
    });
  });

  it('is continued by upkeep, and later writes stay', async () => {
    await gateway.send('/agent/memories', { body: { content: 'New.', tenant_id: 'large' } });
    const environment = { RECONCILE_INTERVAL_MS: '100' };
    await Promise.all([1, 2].map(() => bench.startExtraction(environment)));
    await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'succeeded' }), {
      timeout: 60_000,
      interval: 200,
    });
    expect(await job()).toMatchObject({
      result: { status: 'deleted', tenant_id: 'large', deleted_count: MANY },
    });
    const { json: list } = await gateway.send('/agent/memories?tenant_id=large');
    expect(list.memories).toMatchObject([{ decision: 'New.' }]);
    expect(await countOf('turns', gateway.accountId)).toBe(0);
    const [receipt] = await query<{ details: Record<string, unknown> }>(
      `select details from audit_events where account_id = $1 and event = 'tenant.erased'`,
      [gateway.accountId],
    );
    expect(receipt?.details).toMatchObject({ memories: MANY, turns: MANY, jobs: 1 });
  }, 90_000);

  it('of an account also erases what a running request stored after its end', async () => {
    const [row] = await query<{ account_id: string }>(
      `select account_id from erasures where extent = 'account'`,
    );
    const accountId = row!.account_id;
    const isGone = () =>
      vi.waitFor(
        async () => {
          const [ended] = await query<{ state: string }>(
            `select state from erasures where account_id = $1`,
            [accountId],
          );
          expect(ended?.state).toBe('succeeded');
          for (const table of ['memories', 'turns', 'writes'])
            expect(await countOf(table, accountId)).toBe(0);
        },
        { timeout: 60_000, interval: 200 },
      );
    await isGone();
    const url = `/admin/accounts/${accountId}`;
    expect((await gateway.administer(url, { method: 'DELETE' })).status).toBe(404);
    await query(
      `insert into memories (id, account_id, source, metadata, text, fold_hash, topic, category, importance, write_id,
                             created_at, captured_at, valid_from, search_document)
       values (gen_random_uuid(), $1, 'agent', '{}', 'late', '\\x00', 'General', 'other', 5, gen_random_uuid(),
               now(), now(), now(), '')`,
      [accountId],
    );
    await isGone();
  }, 150_000);
});
