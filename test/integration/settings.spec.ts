import { describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const URL = '/agent/settings';
const DEFAULTS = {
  auto_supersede_default: false,
  excluded_categories: ['health_medical', 'legal_status'],
  min_confidence: 0.85,
  classifier_model: 'claude-haiku-4-5-20251001',
  classifier_account: 'caller',
  freshness_half_life_days: 30,
};
const DAY_MS = 86_400_000;

const change = (body: unknown, key?: string) =>
  gateway.send(URL, { method: 'PATCH', body, ...(key !== undefined && { key }) });

const gateway = await perFile(startGateway());

describe('the settings of an API key', () => {
  it('are the defaults until the key changes them', async () => {
    const { status, json } = await gateway.send(URL);
    expect({ status, json }).toEqual({ status: 200, json: DEFAULTS });
  });

  it('change in the given fields, and are returned complete', async () => {
    const key = await gateway.makeKey({});
    const first = await change({ min_confidence: 0.5, unknown: true }, key);
    expect(first).toMatchObject({ status: 200, json: { ...DEFAULTS, min_confidence: 0.5 } });
    const whole = {
      auto_supersede_default: true,
      excluded_categories: ['Divorce', 'financial'],
      min_confidence: 1,
      classifier_model: 'claude-opus-4-7',
      classifier_account: 'bundled',
      freshness_half_life_days: 3_650,
    };
    expect((await change(whole, key)).json).toEqual(whole);
    expect((await change({ excluded_categories: [] }, key)).json).toEqual({
      ...whole,
      excluded_categories: [],
    });
    expect((await change({}, key)).json.min_confidence).toBe(1);
    expect((await gateway.send(URL, { key })).json.classifier_model).toBe('claude-opus-4-7');
  });

  it('are separate for each key of an account', async () => {
    const key = await gateway.makeKey({});
    await change({ auto_supersede_default: true }, key);
    expect((await gateway.send(URL)).json).toEqual(DEFAULTS);
  });

  it('keep both of two concurrent changes', async () => {
    const key = await gateway.makeKey({});
    await Promise.all([
      change({ min_confidence: 0.1 }, key),
      change({ classifier_account: 'bundled' }, key),
    ]);
    expect((await gateway.send(URL, { key })).json).toMatchObject({
      min_confidence: 0.1,
      classifier_account: 'bundled',
    });
  });

  it('can be read with a read-only key, but not changed', async () => {
    const key = await gateway.makeKey({ read_only: true });
    expect((await gateway.send(URL, { key })).status).toBe(200);
    expect(await change({ min_confidence: 0.1 }, key)).toMatchObject({
      status: 403,
      json: { code: 'permission_denied' },
    });
    expect((await gateway.send(URL, { key })).json).toEqual(DEFAULTS);
  });

  it.each([
    ['auto_supersede_default', ['yes', 1, null]],
    ['excluded_categories', ['other', null, [1], [''], ['x'.repeat(257)], Array(101).fill('x')]],
    ['min_confidence', [-0.01, 1.01, '0.5', null]],
    [
      'classifier_model',
      ['gpt-5', 'claude-', 'anthropic.claude-opus-4-7', 'claude-opus-4-7\n', 7, null],
    ],
    ['classifier_account', ['operator', null]],
    ['freshness_half_life_days', [0, 0.5, 3_651, '30', null]],
  ])('reject a bad %s, and stay as they were', async (field, values) => {
    for (const value of values) {
      const { status, json } = await change({ [field]: value });
      expect({ value, status, code: json.code }).toEqual({
        value,
        status: 400,
        code: 'invalid_request',
      });
      expect(json.errors[0].path).toMatch(new RegExp(`^/${field}`));
    }
    expect((await gateway.send(URL)).json).toEqual(DEFAULTS);
  });
});

describe('a half-life', () => {
  it('changes the decay of every memory that its key reads', async () => {
    const quick = await gateway.makeKey({});
    await change({ freshness_half_life_days: 10 }, quick);
    const valid_from = new Date(Date.now() - 10 * DAY_MS).toISOString();
    const content = 'Ana plays the cello.';
    const { json: saved } = await gateway.send('/agent/memories', {
      body: { content, valid_from },
    });
    const asked = { body: { question: 'Who plays the cello?' } };
    const freshnesses = async (key?: string): Promise<number[]> => {
      const by = key === undefined ? {} : { key };
      const one = await gateway.send(`/memories/${saved.memory_id}`, by);
      const list = await gateway.send('/agent/memories', by);
      const search = await gateway.send('/agent/search', { ...asked, ...by });
      return [one.json, list.json.memories[0], search.json.memories[0]].map(
        ({ freshness }) => freshness,
      );
    };
    for (const freshness of await freshnesses(quick)) expect(freshness).toBeCloseTo(0.5, 3);
    for (const freshness of await freshnesses()) expect(freshness).toBeCloseTo(0.5 ** (1 / 3), 3);
  });
});
