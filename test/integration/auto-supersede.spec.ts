import { afterEach, describe, expect, it } from 'vitest';

import { startByo } from '../support/byo.js';
import { perFile } from '../support/per-file.js';
import { aTenantOf, classifications, classifies } from '../support/superseding.js';

const HAIKU = 'claude-haiku-4-5-20251001';

const byo = await perFile(startByo());
afterEach(() => {
  byo.providers.reset();
  byo.bundled.reset();
});

const aTenant = (standing?: object) => aTenantOf(byo, standing);

describe('a new fact that supersedes a stored one', () => {
  it('ends the stored fact and reports it, in content mode', async () => {
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

  it('ends the stored fact and reports it for each memory, in messages mode', async () => {
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

  it('is reported in the same way by its job later', async () => {
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

describe('a stored fact that is not superseded', () => {
  it.each([
    ['below the floor', { confidence: 0.84 }, {}, 'below_min_confidence'],
    [
      'below a floor of its own',
      { confidence: 0.96 },
      { minConfidence: 0.97 },
      'below_min_confidence',
    ],
    ['refined', { verdict: 'refines' }, {}, 'refines'],
  ] as const)('%s stays current, and so does the new one', async (_, verdict, settings, reason) => {
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

  it('stays current when the classifier puts the new fact into an excluded category', async () => {
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

  it('stays current when it became true after the new fact did', async () => {
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

  it('a superseded fact ends when its successor became true, even when that is reported late', async () => {
    const { old, write, memory } = await aTenant({
      content: 'Dana lives in Lisbon.',
      valid_from: '2022-05-01T00:00:00Z',
    });
    await write({ valid_from: '2023-05-01T00:00:00Z' });
    expect(await memory(old)).toMatchObject({ valid_to: '2023-05-01T00:00:00.000Z' });
  });
});

const asked = () => [...byo.providers.calls, ...byo.bundled.calls];
const skipped = (skipped_reason: string) => ({
  ran: false,
  skipped_reason,
  candidates_examined: 0,
  supersession: null,
});

describe('the classifier is not called', () => {
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

  it('for a candidate of an excluded category', async () => {
    const { write } = await aTenant({ content: 'Dana lives in Lisbon.', category: 'legal_status' });
    const { json } = await write({});
    expect(json.auto_supersede).toEqual(skipped('excluded_category'));
    expect(asked()).toEqual([]);
  });

  it('for a duplicate, in either mode', async () => {
    const { old, write } = await aTenant();
    // So that there is something to compare it with.
    await write({ content: 'Dana loves Lisbon.', auto_supersede: false });
    const { json } = await write({ content: 'DANA lives in  Lisbon.' });
    expect(json).toEqual({ status: 'duplicate', memory_id: old });
    expect(asked()).toEqual([]);
    const messages = [{ role: 'user', name: 'Dana', content: 'I live in Lisbon.' }];
    const again = await write({ source: 'agent', content: undefined, messages });
    expect(again.json).toMatchObject({ extracted_count: 1, saved_count: 0, auto_supersede: [] });
    expect(classifications(byo.bundled)).toEqual([]);
  });

  it('for facts of another tenant of the same account', async () => {
    await aTenant();
    const { write } = await aTenant({ content: 'Xylophones quiver.' });
    expect((await write({})).json.auto_supersede).toEqual(skipped('no_candidates'));
    expect(asked()).toEqual([]);
  });
});
