import { aFact } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ErasureBench, erasureBench } from '../support/erasure-bench.js';
import { plantedWord } from '../support/planted.js';

let bench: ErasureBench;

beforeAll(async () => {
  bench = await erasureBench();
});

afterAll(() => bench.close());

const said = (...contents: readonly string[]) =>
  contents.map((content) => ({ role: 'user', content }));

const wordsFor = <Name extends string>(...names: readonly Name[]): Record<Name, string> =>
  Object.fromEntries(names.map((name) => [name, plantedWord()])) as Record<Name, string>;

/** The place of each planted word, so that a test which planted nothing cannot pass. */
async function allStand(words: Readonly<Record<string, string>>): Promise<void> {
  expect(await bench.standing(words)).toEqual(Object.keys(words));
}

const documentOf = async (memoryId: string): Promise<string> => {
  const [row] = await bench.database.query<{ document: string }>(
    'select search_document::text as document from memories where id = $1',
    [memoryId],
  );
  return row?.document ?? '';
};

/** Everything that an account can hold of a tenant, with a word of its own in each place. */
async function plantTenant(tenant: string) {
  const words = wordsFor(
    ...(['fact', 'topic', 'metadata', 'cited', 'neighbour', 'note', 'reasoning'] as const),
    ...(['content', 'question', 'filter', 'answer', 'askedOfAll', 'answerOfAll'] as const),
    ...(['queued', 'failed', 'failure', 'dryRun', 'openQuestion', 'unanswered'] as const),
  );
  const scope = { tenant_id: tenant };
  const messages = said(words.neighbour, words.cited);
  const [found = ''] = await bench.remember(
    { ...scope, messages, metadata: { word: words.metadata } },
    [aFact({ text: words.fact, topic: words.topic, positions: [1] })],
    words.note,
  );
  const content = await bench.gateway.send('/agent/memories', {
    body: { ...scope, content: words.content },
  });
  await bench.classify(found, content.json.memory_id, words.reasoning);
  await bench.ask(
    { ...scope, question: words.question, metadata: { word: words.filter } },
    words.answer,
    [found],
  );
  await bench.ask({ tenant_id: '*', question: words.askedOfAll }, words.answerOfAll, [found]);
  await bench.write({ ...scope, messages: said(words.queued) });
  await bench.gateway.send('/agent/query', {
    body: { ...scope, question: words.openQuestion },
    headers: { prefer: 'respond-async' },
  });
  const failed = await bench.claim(await bench.write({ ...scope, messages: said(words.failed) }));
  await bench.writes.fail(failed, { code: 'llm_rejected_request', detail: words.failure });
  const dry = await bench.claim(await bench.write({ ...scope, messages: said('Nothing.') }));
  await bench.database.query(
    `update writes set state = 'succeeded', finished_at = now(), next_check_at = null, request = null, result = $2 where id = $1`,
    [dry.id, JSON.stringify({ status: 'dry_run', facts: [{ text: words.dryRun }] })],
  );
  const asked = await bench.gateway.send('/agent/query', {
    body: { ...scope, question: words.unanswered },
    headers: { prefer: 'respond-async' },
  });
  const claimed = await bench.queries.claim(asked.json.job_id, 1);
  await bench.queries.fail(claimed!, { code: 'llm_unavailable', detail: 'Down.' });
  return { words, memoryId: found };
}

describe('erasing a memory', () => {
  it('in content mode removes text, topic, metadata, comparisons and the answers that cite it', async () => {
    const words = wordsFor('content', 'topic', 'metadata', 'reasoning', 'question', 'answer');
    const body = {
      content: words.content,
      topic: words.topic,
      metadata: { word: words.metadata },
      tenant_id: 'one',
    };
    const { memory_id: id } = (await bench.gateway.send('/agent/memories', { body })).json;
    const kept = await bench.gateway.send('/agent/memories', {
      body: { content: 'Ana sails.', tenant_id: 'one' },
    });
    await bench.classify(kept.json.memory_id, id, words.reasoning);
    const jobId = await bench.ask({ tenant_id: 'one', question: words.question }, words.answer, [
      id,
      kept.json.memory_id,
    ]);
    await allStand(words);

    const erased = await bench.gateway.send(`/memories/${id}`, { method: 'DELETE' });
    expect(erased).toMatchObject({
      status: 200,
      json: { status: 'deleted', tenant_id: 'one', deleted_count: 1 },
    });
    expect(await bench.standing(words)).toEqual([]);
    const job = await bench.gateway.send(`/agent/jobs/${jobId}`);
    expect(job.json).toMatchObject({ state: 'succeeded', result: null, error: null });
    expect((await bench.gateway.send(`/memories/${kept.json.memory_id}`)).status).toBe(200);
  });

  it('in messages mode removes its turns, keeps those that others cite, and removes its search words', async () => {
    const gone = wordsFor('fact', 'topic', 'cited', 'neighbour', 'note');
    const stays = wordsFor('otherFact', 'otherCited', 'otherNeighbour', 'shared');
    const messages = said(
      gone.neighbour,
      gone.cited,
      stays.otherCited,
      stays.otherNeighbour,
      stays.shared,
    );
    const [id = '', otherId = ''] = await bench.remember(
      { tenant_id: 'family', messages },
      [
        aFact({ text: gone.fact, topic: gone.topic, positions: [1, 4] }),
        aFact({ text: stays.otherFact, positions: [2, 4] }),
      ],
      gone.note,
    );
    await allStand({ ...gone, ...stays });
    expect(await documentOf(otherId)).toContain(gone.cited);

    await bench.gateway.send(`/agent/memories/${id}`, { method: 'DELETE' });
    expect(await bench.standing({ ...gone, ...stays })).toEqual(Object.keys(stays));
    const document = await documentOf(otherId);
    expect(document).toMatch(new RegExp(`'${stays.otherFact}':\\d+A`));
    expect(document).toMatch(new RegExp(`'${stays.otherCited}':\\d+B`));
    expect(document).toMatch(new RegExp(`'${stays.shared}':\\d+B`));
    expect(document).toMatch(new RegExp(`'${stays.otherNeighbour}':\\d+[,\\d]*(?![ABC])`));
    const search = async (question: string) => {
      const body = { question, tenant_id: 'family' };
      return (await bench.gateway.send('/agent/search', { body })).json.citations;
    };
    expect(await search(stays.otherNeighbour)).toMatchObject([{ memory_id: otherId }]);
    expect(await search(gone.cited)).toEqual([]);
  });

  it('rebuilds the search documents of its neighbours without its turns', async () => {
    const write = async (tenant: string, first: string) => {
      const messages = said(first, '私は東京に住んでいます。', 'We sail on Sundays.');
      return bench.remember({ tenant_id: tenant, messages }, [
        aFact({ text: 'Ana lives in Tokyo.', positions: [1] }),
        aFact({ text: first, positions: [0] }),
      ]);
    };
    const [beside = '', erased = ''] = await write('with', 'Bob has a secret.');
    const [lone = ''] = await write('without', '');
    await bench.gateway.send(`/agent/memories/${erased}`, { method: 'DELETE' });
    expect(await documentOf(beside)).toBe(await documentOf(lone));
  });
});

describe('erasing a tenant', () => {
  it('removes everything of it, and nothing of the next tenant', async () => {
    const tenant = await plantTenant('erased');
    const other = await plantTenant('spared');
    await allStand({ ...tenant.words, ...prefixed(other.words) });
    const spared = other.words;

    const erased = await bench.gateway.send('/agent/memories?tenant_id=erased', {
      method: 'DELETE',
    });
    expect(erased).toMatchObject({
      status: 200,
      json: { status: 'deleted', tenant_id: 'erased', deleted_count: 2 },
    });
    expect(await bench.standing(tenant.words)).toEqual([]);
    expect(await bench.standing(spared)).toEqual(Object.keys(spared));

    const all = await bench.gateway.send('/agent/memories?all=true', { method: 'DELETE' });
    expect(all).toMatchObject({ status: 200, json: { tenant_id: '*' } });
    expect(await bench.standing(spared)).toEqual([]);
  });
});

describe('erasing an account', () => {
  it('removes everything but its audit and the row of the erasure: ids, times, counts and codes', async () => {
    const { words } = await plantTenant('kept');
    const account = wordsFor('keyName', 'tenantOfKey');
    const { accountId } = bench.gateway;
    const apiKey = await bench.gateway.makeKey({
      name: account.keyName,
      tenant_id: account.tenantOfKey,
    });
    await bench.database.query(
      `with quota as (
         insert into quota_slots (account_id, period, kind, slot, used) values ($1, now(), 'write', 1, 1)
         on conflict do nothing
       ), exhausted as (insert into quota_exhaustions (account_id, period, exhausted_at) values ($1, now(), now())
         on conflict do nothing
       ), usage as (insert into usage_slots (account_id, period, owner, slot, calls, input_tokens, output_tokens)
         values ($1, now(), 'caller', 1, 1, 1, 1) on conflict do nothing
       ) insert into idempotency_records (account_id, route, key_hash, fingerprint, state, reply, created_at)
         values ($1, 'r', '\\x01', '\\x02', 'running', '{}', now())`,
      [accountId],
    );
    await bench.gateway.send('/agent/memories?tenant_id=nobody', { method: 'DELETE' });
    await allStand({ ...words, ...account });
    const held = await tablesOf(accountId);
    expect(held).toEqual(expect.arrayContaining(['api_keys', 'erasures', 'writes', 'quota_slots']));

    const url = `/admin/accounts/${accountId}`;
    const erased = await bench.gateway.administer(url, { method: 'DELETE' });
    expect(erased).toMatchObject({
      status: 200,
      json: { status: 'deleted', account_id: accountId, deleted_count: 2 },
    });
    expect(await bench.standing({ ...words, ...account })).toEqual([]);
    expect(await tablesOf(accountId)).toEqual(['audit_events', 'erasures']);
    for (const key of [apiKey, undefined]) {
      const refused = await bench.gateway.send('/agent/memories', { ...(key && { key }) });
      expect(refused.status).toBe(401);
    }
    for (const method of ['GET', 'DELETE'] as const)
      expect((await bench.gateway.administer(url, { method })).status).toBe(404);
  });
});

const prefixed = (words: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(words).map(([name, word]) => [`other ${name}`, word]));

/** Every table that names the account in any column: a new one cannot be forgotten. */
async function tablesOf(accountId: string): Promise<readonly string[]> {
  const tables = await bench.database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  const naming: string[] = [];
  for (const { name } of tables) {
    const rows = await bench.database.query(
      `select from "${name}" as t where t::text like '%' || $1 || '%' limit 1`,
      [accountId],
    );
    if (rows.length > 0) naming.push(name);
  }
  return naming;
}
