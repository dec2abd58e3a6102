import { Database } from '@app/persistence';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type ByoBench, startByo } from '../support/byo.js';
import { jobsOn } from '../support/jobs.js';
import { SingleWrites } from '../support/single-jobs.js';

const ASYNC = { prefer: 'respond-async' };

let byo: ByoBench;
let use: ReturnType<typeof jobsOn>;

beforeAll(async () => {
  byo = await startByo();
  use = jobsOn(byo);
});
afterEach(() => byo.providers.reset());
afterAll(() => byo.close());

const MESSAGES = [
  { role: 'user', name: 'Dana', content: 'I moved to Lisbon on 3 May 2021.' },
  { role: 'assistant', content: 'Noted.' },
];
const body = (over: object = {}) => ({
  messages: MESSAGES,
  dry_run: true,
  tenant_id: 'blue',
  session_id: 'call-7',
  metadata: { plan: 'pro' },
  recorded_at: '2024-05-01T10:00:00Z',
  llm: byo.llm('openai', 'gpt-5'),
  ...over,
});

const FACT = {
  fact: 'Dana moved to Lisbon on 3 May 2021.',
  topic: 'Home',
  category: 'location',
  importance: 7,
  valid_from: '2021-05-03',
  messages: [0],
};
const finding = (...facts: object[]) =>
  byo.providers.script({ answer: JSON.stringify({ facts, note: null }) });

const EMPTY_TABLES = ['memories', 'memory_versions', 'turns', 'memory_turns', 'audit_events'];

describe('a dry run', () => {
  it('returns what would have been stored, in the shape of memories', async () => {
    finding(FACT);
    const answer = await byo.call('/agent/memories', { body: body() });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      status: 'dry_run',
      memories: [
        {
          id: null,
          summary: FACT.fact,
          decision: FACT.fact,
          topic: 'Home',
          category: 'location',
          importance_score: 7,
          freshness: expect.any(Number),
          source: 'agent_session',
          tenant_id: 'blue',
          session_id: 'call-7',
          external_id: null,
          metadata: { plan: 'pro' },
          created_at: null,
          valid_from: '2021-05-03T00:00:00.000Z',
          valid_to: null,
          superseded_by: null,
          source_citation: {
            type: 'agent_session',
            channel: 'call-7',
            captured_at: '2024-05-01T10:00:00.000Z',
            original_message: 'I moved to Lisbon on 3 May 2021.',
            original_message_truncated: false,
          },
          temporal: {
            valid_from: '2021-05-03T00:00:00.000Z',
            valid_to: null,
            superseded_by: null,
            is_current: true,
            is_expired: false,
            is_superseded: false,
            transaction_time_start: null,
            transaction_time_end: null,
            is_known_current: false,
          },
        },
      ],
      memories_left_out: 0,
      extraction: {
        provider: 'openai',
        model: 'gpt-5',
        byo_llm: true,
        prompt_version: expect.any(String),
        llm_calls: 1,
        usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
      },
    });
  });

  it('stores no memory, and records what it cost', async () => {
    finding(FACT, { ...FACT, fact: 'Dana sings.', messages: [0, 1] });
    const answer = await byo.call('/agent/memories', { body: body({ auto_supersede: true }) });
    expect(answer.json.memories).toHaveLength(2);
    expect(answer.json.memories[1].source_citation.original_message).toBe(
      'user: I moved to Lisbon on 3 May 2021.\nassistant: Noted.',
    );
    for (const table of EMPTY_TABLES)
      expect([table, await byo.sql(`select * from ${table}`)]).toEqual([table, []]);
    const id = String(answer.headers['location']).split('/').at(-1) ?? '';
    const row = await use.row('writes', id);
    expect(row).toMatchObject({ state: 'succeeded', request: null, llm_calls: 1 });
    expect(Number(row?.['input_tokens'])).toBeGreaterThan(0);
    expect((await byo.gateway.send('/agent/memories?tenant_id=*')).json.count).toBe(0);
  });

  it('under respond-async is a job whose result is kept until it is erased', async () => {
    finding(FACT);
    const accepted = await byo.call('/agent/memories', { body: body(), headers: ASYNC });
    expect(accepted.status).toBe(202);
    const { json } = await byo.ended(accepted.headers['location']);
    expect(json).toMatchObject({
      kind: 'write',
      state: 'succeeded',
      result: { status: 'dry_run', memories: [{ decision: FACT.fact }] },
    });
    await byo.sql(
      `update writes set result = null where tenant_id = 'blue' and result ->> 'status' = 'dry_run'`,
    );
    expect((await use.get(json.job_id)).json).toMatchObject({ state: 'succeeded', result: null });
    expect(JSON.stringify(await byo.sql('select * from writes'))).not.toContain('Lisbon');
  });

  it('can be retried as a dry run after it failed', async () => {
    const failing = body({ llm: byo.llm('openai', 'sim-bad-key') });
    const accepted = await byo.call('/agent/memories', { body: failing, headers: ASYNC });
    await use.is(accepted.json.job_id, 'failed');
    const { llm } = body();
    const retried = await use.retry(accepted.json.job_id, { llm });
    expect(retried).toMatchObject({ status: 200, json: { status: 'dry_run' } });
    expect(await byo.sql('select * from memories')).toEqual([]);
  });

  it('explains that nothing was found', async () => {
    finding();
    const { json } = await byo.call('/agent/memories', { body: body() });
    expect(json).toMatchObject({
      status: 'dry_run',
      memories: [],
      extraction: { note: 'The model found no facts in this conversation.' },
    });
  });

  it('needs messages', async () => {
    const answer = await byo.call('/agent/memories', {
      body: { content: 'It rains.', dry_run: true },
    });
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ path: '/dry_run' }] },
    });
    expect((await byo.call('/agent/memories', { body: body({ dry_run: 'yes' }) })).status).toBe(
      400,
    );
  });

  it('is not assumed for a write of an older gateway, whose row does not say', async () => {
    const database = await Database.connect({ url: byo.gateway.databaseUrl, poolSize: 1 });
    const id = await use.write('sim-bad-key');
    await use.is(id, 'failed');
    await byo.sql(
      `update writes set state = 'queued', request = request - 'dryRun' where id = $1`,
      [id],
    );
    const claim = await new SingleWrites(database).claim(id, 1);
    expect(claim?.request).toMatchObject({ dryRun: false });
    await database.close();
  });
});

const note = async (answer: object): Promise<unknown> => {
  byo.providers.script({ answer: JSON.stringify(answer) });
  const sent = { messages: MESSAGES, llm: byo.llm('openai', 'gpt-5') };
  const { json } = await byo.call('/agent/memories', { body: sent });
  expect(json).toMatchObject({ status: 'extracted', extracted_count: 0, memories: [] });
  return json.extraction.note;
};

describe('a write without any facts', () => {
  it('returns the note of the model', async () => {
    expect(await note({ facts: [], note: 'Only greetings were exchanged.' })).toBe(
      'Only greetings were exchanged.',
    );
  });

  it.each([
    { facts: [], note: null },
    { facts: [], note: '  ' },
    { facts: [{ ...FACT, fact: ' ' }], note: null },
  ])('returns a note of ours when the model gives none: %j', async (answer) => {
    expect(await note(answer)).toBe('The model found no facts in this conversation.');
  });

  it('is the only one with a note', async () => {
    finding(FACT);
    const sent = { messages: MESSAGES, llm: byo.llm('openai', 'gpt-5') };
    const { json } = await byo.call('/agent/memories', { body: sent });
    expect(json.saved_count).toBe(1);
    expect(json.extraction).not.toHaveProperty('note');
  });
});
