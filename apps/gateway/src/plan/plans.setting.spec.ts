import { BadSettings, readEnv } from '@app/config';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { plansSetting } from './plans.setting.js';

const read = (PLANS?: string) => readEnv(z.object({ PLANS: plansSetting }), { PLANS }).PLANS;
const FREE = { writes_per_month: 1, queries_per_month: 2, requests_per_minute: 3 };

describe('PLANS', () => {
  it('has four tiers by default', () => {
    const limits = read().map((tier) => Object.values(tier));
    expect(limits).toEqual([
      ['free', 10_000, 50_000, 3_000],
      ['starter', 50_000, 250_000, 6_000],
      ['pro', 1_000_000, 5_000_000, 30_000],
      ['unlimited', null, null, null],
    ]);
  });

  it('replaces the default tiers', () => {
    const gold = { ...FREE, writes_per_month: null };
    expect(read(JSON.stringify({ free: FREE, gold }))).toEqual([
      { name: 'free', writesPerMonth: 1, queriesPerMonth: 2, requestsPerMinute: 3 },
      { name: 'gold', writesPerMonth: null, queriesPerMonth: 2, requestsPerMinute: 3 },
    ]);
  });

  it.each([
    ['no JSON', '{sk-secret', 'PLANS: must be JSON'],
    ['a list', '["sk-secret"]', 'PLANS: must be one JSON object'],
    ['no free tier', JSON.stringify({ gold: FREE }), 'PLANS: must hold a tier called free'],
    [
      'a name in other letters',
      JSON.stringify({ free: FREE, 'sk-Secret': FREE }),
      'PLANS: must name',
    ],
    [
      'a limit below zero',
      tierWith({ writes_per_month: -1 }),
      'PLANS.free.writes_per_month: must be at least 0',
    ],
    [
      'a limit in words',
      tierWith({ queries_per_month: 'sk-secret' }),
      'PLANS.free.queries_per_month: must be a whole',
    ],
    [
      'no request at all',
      tierWith({ requests_per_minute: 0 }),
      'PLANS.free.requests_per_minute: must be at least 1',
    ],
    [
      'a limit left out',
      tierWith({ requests_per_minute: undefined }),
      'PLANS.free.requests_per_minute: must be a whole',
    ],
    [
      'a limit that is none',
      tierWith({ 'sk-secret': 1 }),
      'PLANS.free: must hold writes_per_month',
    ],
  ])('refuses %s in one message, and prints no value', (_what, text, message) => {
    const failure = failureOf(() => read(text));
    expect(failure).toContain(message);
    expect(failure.toLowerCase()).not.toContain('secret');
  });
});

function tierWith(given: object): string {
  return JSON.stringify({ free: { ...FREE, ...given } });
}

function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BadSettings) return error.message;
    throw error;
  }
  return '';
}
