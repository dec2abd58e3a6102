import { randomUUID } from 'node:crypto';

import { afterEach, describe, expect, inject, it } from 'vitest';

import { BUNDLED_KEY, CALLER_KEY, startByo } from '../support/byo.js';
import { canaryOf, postgresDump, redisDump } from '../support/canaries.js';
import { perFile } from '../support/per-file.js';
import { aTenantOf, classifications, classifies } from '../support/superseding.js';

const HAIKU = 'claude-haiku-4-5-20251001';

const byo = await perFile(startByo());
afterEach(() => {
  byo.providers.reset();
  byo.bundled.reset();
});

const aTenant = (standing?: object) => aTenantOf(byo, standing);

describe('the account that pays for the classifier', () => {
  const caller = { model: HAIKU, key: CALLER_KEY, path: '/v1/messages' };
  const operator = { model: HAIKU, key: BUNDLED_KEY, path: '/v1/messages' };
  const table = [
    ['none', 'caller', 'bundled'],
    ['none', 'bundled', 'bundled'],
    ['anthropic', 'caller', 'caller'],
    ['anthropic', 'bundled', 'bundled'],
    ['openai', 'caller', 'none'],
    ['openai', 'bundled', 'bundled'],
    ['azure', 'caller', 'none'],
    ['azure', 'bundled', 'bundled'],
  ] as const;
  const rows = table.flatMap((row) => [
    [...row, 'content'] as const,
    [...row, 'messages'] as const,
  ]);

  it.each(rows)(
    'with llm %s and classifier_account %s is: %s (%s)',
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
        whose === 'none'
          ? { ran: false, skipped_reason: 'byo_llm' }
          : { ran: true, skipped_reason: null },
      );
    },
  );
});

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved about.' }];

/** The answer of an extraction: so many different facts. */
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

it('the classifier compares at most the first twenty facts of a write, and all facts are stored', async () => {
  const { write } = await aTenant();
  byo.bundled.script({ answer: facts(23) });
  const { json } = await write({ content: undefined, messages: MESSAGES });
  expect(json.saved_count).toBe(23);
  const ran = (json.auto_supersede as { ran: boolean }[]).map((outcome) => outcome.ran);
  expect(ran).toEqual(Array.from({ length: 23 }, (_, n) => n < 20));
  expect(json.auto_supersede[22]).toMatchObject({ skipped_reason: 'classifier_unavailable' });
  expect(classifications(byo.bundled)).toHaveLength(20);
});

it('the caller’s key appears nowhere, even when the classifier repeats it in every field', async () => {
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
  ])('does not fail the write, on either account: %s', async (classifierModel) => {
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

  it('is not called for the next fact after the provider rejected the key', async () => {
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

  it('counts a rejected key towards the limit, so that keys cannot be tested with it', async () => {
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
