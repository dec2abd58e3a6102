import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { BUNDLED_KEY, type ByoBench, CALLER_KEY, startByo } from '../support/byo.js';
import { canaryOf, postgresDump, redisDump } from '../support/canaries.js';
import { classifications, classifies } from '../support/classifying.js';
import type { Received } from '../support/gateway.js';

const HAIKU = 'claude-haiku-4-5-20251001';

let byo: ByoBench;
beforeAll(async () => {
  byo = await startByo();
});
afterAll(() => byo.close());
afterEach(() => {
  byo.providers.reset();
  byo.bundled.reset();
});

/** An API key with these settings. */
async function keyWith(settings: object): Promise<string> {
  const key = await byo.gateway.makeKey({});
  await byo.sql(
    `update api_keys set settings = $1
      where id = (select id from api_keys order by created_at desc, id desc limit 1)`,
    [JSON.stringify(settings)],
  );
  return key;
}

interface Write {
  readonly settings?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A tenant in which one fact stands, and what comes of writing another. */
async function aTenant(standing: object = { content: 'Dana lives in Lisbon.' }) {
  const tenant_id = randomUUID();
  const { json } = await byo.call('/agent/memories', { body: { tenant_id, ...standing } });
  const old: string = json.memory_id;
  const write = async ({ settings = {}, headers, ...fields }: Write): Promise<Received> =>
    byo.call('/agent/memories', {
      apiKey: await keyWith(settings),
      body: { tenant_id, auto_supersede: true, content: 'Dana moved to Rome.', ...fields },
      ...(headers && { headers }),
    });
  const memory = async (id: string) => (await byo.gateway.send(`/agent/memories/${id}`)).json;
  return { tenant_id, old, write, memory };
}

describe('a new fact that supersedes another', () => {
  it('ends it, and says so: in content mode', async () => {
    const { old, write, memory } = await aTenant();
    const { status, json } = await write({});
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'saved',
      auto_supersede: {
        ran: true,
        skipped_reason: null,
        candidates_examined: 1,
        supersession: {
          superseded_id: old,
          candidate_id: old,
          verdict: 'supersedes',
          confidence: 0.95,
          reasoning: expect.stringContaining('rule'),
          reason: 'applied',
          model: HAIKU,
        },
      },
    });
    expect(await memory(old)).toMatchObject({
      superseded_by: json.memory_id,
      valid_to: (await memory(json.memory_id)).valid_from,
      temporal: { is_superseded: true, is_current: false },
    });
    expect(await memory(json.memory_id)).toMatchObject({ temporal: { is_current: true } });
  });

  it('ends it, and says so for each memory: in messages mode', async () => {
    const { old, write, memory } = await aTenant();
    const messages = [{ role: 'user', name: 'Dana', content: 'I moved to Rome. I love opera.' }];
    const { json } = await write({ content: undefined, messages });
    expect(json.memory_ids).toHaveLength(2);
    expect(json.auto_supersede).toHaveLength(2);
    const moved = (json.memories as { decision: string }[]).findIndex(({ decision }) =>
      decision.includes('Rome'),
    );
    expect(json.auto_supersede[moved]).toMatchObject({
      ran: true,
      supersession: { superseded_id: old, reason: 'applied' },
    });
    expect(json.auto_supersede[1 - moved]).toMatchObject({ ran: true, supersession: null });
    expect(await memory(old)).toMatchObject({ superseded_by: json.memory_ids[moved] });
    // The verdicts are a cost of the operator's account as well, and not of the extraction.
    expect(json.extraction.llm_calls).toBe(1);
    expect(classifications(byo.bundled)).toHaveLength(2);
  });

  it('tells the same when its job is asked later', async () => {
    const { old, write } = await aTenant();
    const accepted = await write({ headers: { prefer: 'respond-async' } });
    expect(accepted.status).toBe(202);
    const job = await byo.ended(accepted.headers['location']);
    expect(job.json.result).toMatchObject({
      status: 'saved',
      auto_supersede: { ran: true, supersession: { superseded_id: old, reason: 'applied' } },
    });
  });

  it('leaves ids, verdicts and codes in the audit, and the reasoning beside the memories only', async () => {
    const { old, write } = await aTenant();
    byo.bundled.script({ answer: classifies({ reasoning: 'She moved away.' }) });
    const { json } = await write({});
    expect(json.auto_supersede.supersession.reasoning).toBe('She moved away.');
    const events = await byo.sql(
      'select memory_id, event, details from audit_events where memory_id = any($1::uuid[]) order by id',
      [[old, json.memory_id]],
    );
    expect(events).toMatchObject([
      { memory_id: old, event: 'memory.created' },
      { memory_id: json.memory_id, event: 'memory.created' },
      {
        memory_id: old,
        event: 'memory.superseded',
        details: {
          superseded_by: json.memory_id,
          by: 'classifier',
          confidence: 0.95,
          model: HAIKU,
        },
      },
      {
        memory_id: json.memory_id,
        event: 'memory.classified',
        details: {
          model: HAIKU,
          candidate_id: old,
          reason: 'applied',
          candidates: [{ memory_id: old, verdict: 'supersedes', confidence: 0.95 }],
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('moved away');
    const [row] = await byo.sql('select result, request from writes where result::text like $1', [
      `%${json.memory_id}%`,
    ]);
    expect(JSON.stringify(row)).not.toContain('moved away');
    await byo.sql('delete from memories where id = $1', [old]);
    expect(
      await byo.sql('select * from classifications where memory_id = $1', [json.memory_id]),
    ).toEqual([]);
  });
});

describe('what is not superseded', () => {
  it.each([
    ['below the floor', { confidence: 0.84 }, {}, 'below_min_confidence'],
    [
      'below a floor of its own',
      { confidence: 0.96 },
      { minConfidence: 0.97 },
      'below_min_confidence',
    ],
    ['refined', { verdict: 'refines' }, {}, 'refines'],
  ] as const)('%s stays, and so does the new one', async (_, verdict, settings, reason) => {
    const { old, write, memory } = await aTenant();
    byo.bundled.script({ answer: classifies(verdict) });
    const { json } = await write({ settings });
    expect(json.auto_supersede).toMatchObject({
      ran: true,
      skipped_reason: null,
      candidates_examined: 1,
      supersession: { superseded_id: null, candidate_id: old, reason },
    });
    for (const id of [old, json.memory_id])
      expect(await memory(id)).toMatchObject({ temporal: { is_current: true } });
  });

  it('stays where the classifier finds the new fact to be of an excluded category', async () => {
    const { old, write, memory } = await aTenant();
    byo.bundled.script({ answer: classifies({}, 'health_medical') });
    const { json } = await write({});
    expect(json.auto_supersede).toMatchObject({
      ran: true,
      skipped_reason: 'excluded_category',
      supersession: { superseded_id: null, reason: 'excluded_category' },
    });
    expect(await memory(old)).toMatchObject({ temporal: { is_current: true } });
  });

  it('stays where what comes now became true before it', async () => {
    const { old, write, memory } = await aTenant({
      content: 'Dana lives in Lisbon.',
      valid_from: '2024-05-01T00:00:00Z',
    });
    const { json } = await write({ valid_from: '2023-05-01T00:00:00Z' });
    expect(json.auto_supersede.supersession).toMatchObject({
      superseded_id: null,
      reason: 'older_than_candidate',
    });
    expect(await memory(old)).toMatchObject({ temporal: { is_current: true } });
  });

  it('ends when its successor became true, however late it is told', async () => {
    const { old, write, memory } = await aTenant({
      content: 'Dana lives in Lisbon.',
      valid_from: '2022-05-01T00:00:00Z',
    });
    await write({ valid_from: '2023-05-01T00:00:00Z' });
    expect(await memory(old)).toMatchObject({ valid_to: '2023-05-01T00:00:00.000Z' });
  });
});

describe('nobody is asked', () => {
  const asked = () => [...byo.providers.calls, ...byo.bundled.calls];
  const skipped = (skipped_reason: string) => ({
    ran: false,
    skipped_reason,
    candidates_examined: 0,
    supersession: null,
  });

  it.each([
    ['disabled', { auto_supersede: false }],
    ['disabled', { auto_supersede: undefined }],
    ['excluded_category', { category: 'health_medical' }],
    ['excluded_category', { topic: '  legal_STATUS ' }],
    ['excluded_category', { topic: 'Home', settings: { excludedCategories: ['home'] } }],
    ['no_candidates', { content: 'Xylophones quiver.' }],
    ['no_candidates', { tenant_id: 'of-its-own', content: 'Dana moved to Rome.' }],
  ])('%s: %j', async (reason, fields) => {
    const { old, write, memory } = await aTenant();
    const { status, json } = await write(fields);
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'saved', auto_supersede: skipped(reason) });
    expect(await memory(old)).toMatchObject({ temporal: { is_current: true } });
    expect(asked()).toEqual([]);
  });

  it('about a candidate of an excluded category', async () => {
    const { write } = await aTenant({ content: 'Dana lives in Lisbon.', category: 'legal_status' });
    const { json } = await write({});
    expect(json.auto_supersede).toEqual(skipped('excluded_category'));
    expect(asked()).toEqual([]);
  });

  it('about a duplicate, in either mode', async () => {
    const { old, write } = await aTenant();
    const { json } = await write({ content: 'DANA lives in  Lisbon.' });
    expect(json).toMatchObject({
      status: 'duplicate',
      memory_id: old,
      auto_supersede: skipped('no_candidates'),
    });
    expect(asked()).toEqual([]);
    const messages = [{ role: 'user', name: 'Dana', content: 'I live in Lisbon.' }];
    const again = await write({ source: 'agent', content: undefined, messages });
    expect(again.json).toMatchObject({ extracted_count: 1, saved_count: 0, auto_supersede: [] });
    expect(classifications(byo.bundled)).toEqual([]);
  });

  it('about facts of another tenant, though they are of the same account', async () => {
    await aTenant();
    const { write } = await aTenant({ content: 'Xylophones quiver.' });
    expect((await write({})).json.auto_supersede).toEqual(skipped('no_candidates'));
    expect(asked()).toEqual([]);
  });
});

describe('whose account classifies', () => {
  const caller = { model: HAIKU, key: CALLER_KEY, path: '/v1/messages' };
  const operator = { model: HAIKU, key: BUNDLED_KEY, path: '/v1/messages' };
  const table = [
    ['none', 'caller', 'bundled'],
    ['none', 'bundled', 'bundled'],
    ['anthropic', 'caller', 'caller'],
    ['anthropic', 'bundled', 'bundled'],
    ['openai', 'caller', 'nobody'],
    ['openai', 'bundled', 'bundled'],
    ['azure', 'caller', 'nobody'],
    ['azure', 'bundled', 'bundled'],
  ] as const;
  const rows = table.flatMap((row) => [
    [...row, 'content'] as const,
    [...row, 'messages'] as const,
  ]);

  it.each(rows)(
    'with llm %s and classifier_account %s: %s (%s)',
    async (shape, account, whose, mode) => {
      const { write } = await aTenant();
      const llm = shape === 'none' ? undefined : byo.llm(shape, 'a-model-of-mine');
      const messages = [{ role: 'user', name: 'Dana', content: 'I moved to Rome.' }];
      const { status, json } = await write({
        settings: { classifierAccount: account },
        ...(mode === 'messages' && { content: undefined, messages }),
        llm,
      });
      expect(status).toBe(200);
      expect(classifications(byo.providers)).toEqual(whose === 'caller' ? [caller] : []);
      expect(classifications(byo.bundled)).toEqual(whose === 'bundled' ? [operator] : []);
      const extractions = mode === 'content' ? 0 : 1;
      const byCaller = shape === 'none' ? 0 : extractions;
      expect(byo.providers.calls).toHaveLength(byCaller + (whose === 'caller' ? 1 : 0));
      expect(byo.bundled.calls).toHaveLength(
        extractions - byCaller + (whose === 'bundled' ? 1 : 0),
      );
      expect(mode === 'content' ? json.auto_supersede : json.auto_supersede[0]).toMatchObject(
        whose === 'nobody'
          ? { ran: false, skipped_reason: 'byo_llm' }
          : { ran: true, skipped_reason: null },
      );
    },
  );
});

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved about.' }];

/** What an extraction answers: so many facts, of which the stand-in knows nothing but that they differ. */
const facts = (count: number): string =>
  JSON.stringify({
    facts: Array.from({ length: count }, (_, n) => ({
      fact: `Dana likes town ${n}.`,
      topic: 'Travel',
      category: 'travel',
      importance: 5,
      valid_from: null,
      messages: [0],
    })),
    note: null,
  });

it('compares at most twenty facts of a write, in their order, and stores all', async () => {
  const { write } = await aTenant();
  byo.bundled.script({ answer: facts(23) });
  const { json } = await write({ content: undefined, messages: MESSAGES });
  expect(json.saved_count).toBe(23);
  const ran = (json.auto_supersede as { ran: boolean }[]).map((outcome) => outcome.ran);
  expect(ran).toEqual(Array.from({ length: 23 }, (_, n) => n < 20));
  expect(json.auto_supersede[22]).toMatchObject({ skipped_reason: 'classifier_unavailable' });
  expect(classifications(byo.bundled)).toHaveLength(20);
});

it('shows the caller’s key to nobody, though the classifier repeats it in whatever it says', async () => {
  const canary = canaryOf(CALLER_KEY);
  const { write } = await aTenant();
  const reasoning = `Your key is ${CALLER_KEY}, or ${btoa(CALLER_KEY)}.`;
  byo.providers.script({ answer: classifies({ reasoning }) });
  const { json } = await write({ llm: byo.llm('anthropic', 'm') });
  expect(json.auto_supersede.supersession.reasoning).toContain('Your key is [redacted]');
  // Of what failed as well.
  await write({ llm: byo.llm('anthropic', 'm'), settings: { classifierModel: 'sim-bad-key' } });
  const kept = [
    JSON.stringify(json),
    await postgresDump(byo.gateway.databaseUrl),
    await redisDump(inject('redisUrl')),
  ];
  for (const text of kept) expect(canary.foundIn(text)).toEqual([]);
});

describe('a classifier that fails', () => {
  const unavailable = { ran: false, skipped_reason: 'classifier_unavailable', supersession: null };

  it.each([
    'sim-bad-key',
    'sim-rate-limited',
    'sim-overloaded',
    'sim-server-error',
    'sim-model-not-found',
    'sim-invalid-json',
    'sim-hang',
    'sim-reset',
  ])('never fails the write, on either account: %s', async (classifierModel) => {
    for (const llm of [undefined, byo.llm('anthropic', 'a-model-of-mine')]) {
      const { old, write, memory } = await aTenant();
      const { status, json } = await write({ settings: { classifierModel }, llm });
      expect(status).toBe(200);
      expect(json).toMatchObject({ status: 'saved', auto_supersede: unavailable });
      expect(await memory(old)).toMatchObject({ temporal: { is_current: true } });
      expect(await memory(json.memory_id)).toMatchObject({ decision: 'Dana moved to Rome.' });
      const [other] = [llm ? byo.bundled : byo.providers];
      expect(other.calls).toEqual([]);
      byo.bundled.reset();
      byo.providers.reset();
    }
  });

  it('is not asked for the next fact, where a key was refused once', async () => {
    const { write } = await aTenant();
    byo.bundled.script({ answer: facts(12) });
    const { json } = await write({
      settings: { classifierModel: 'sim-bad-key' },
      content: undefined,
      messages: MESSAGES,
    });
    expect(json.saved_count).toBe(12);
    expect(json.auto_supersede).toEqual(
      Array.from({ length: 12 }, () => expect.objectContaining(unavailable)),
    );
    // No more than were under way together.
    expect(classifications(byo.bundled).length).toBeLessThanOrEqual(5);
  });

  it('counts a refused key as refused, so that it tells nobody which keys are good', async () => {
    const apiKey = await byo.gateway.makeKey({});
    const tenant_id = randomUUID();
    await byo.call('/agent/memories', {
      apiKey,
      body: { tenant_id, content: 'Dana lives in Lisbon.' },
    });
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const llm = byo.llm('anthropic', 'm', `sk-wrong-guess-${n}-0123456789`);
      const body = { tenant_id, auto_supersede: true, content: `Dana moved to town ${n}.`, llm };
      statuses.push((await byo.call('/agent/memories', { apiKey, body })).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.slice(10)).toEqual([429, 429]);
    expect(byo.providers.calls).toHaveLength(10);
  });
});
