import { DEFAULT_TIER, type Tier } from '@app/accounts';
import { z } from 'zod';

const TIER_NAME = /^[a-z0-9_-]{1,64}$/;
const limit = (least: number) =>
  z
    .int('must be a whole number, or null for no limit')
    .min(least, `must be at least ${least}`)
    .max(2_000_000_000, 'must be at most 2000000000, or null for no limit')
    .nullable();

const tiersSchema = z.record(
  z.string(),
  z.strictObject(
    {
      writes_per_month: limit(0),
      queries_per_month: limit(0),
      requests_per_minute: limit(1),
    },
    'must hold writes_per_month, queries_per_month and requests_per_minute, and nothing else',
  ),
  'must be one JSON object of tiers by their names',
);

type Tiers = z.output<typeof tiersSchema>;

const SHIPPED: Tiers = {
  free: { writes_per_month: 10_000, queries_per_month: 50_000, requests_per_minute: 3_000 },
  starter: { writes_per_month: 50_000, queries_per_month: 250_000, requests_per_minute: 6_000 },
  pro: { writes_per_month: 1_000_000, queries_per_month: 5_000_000, requests_per_minute: 30_000 },
  unlimited: { writes_per_month: null, queries_per_month: null, requests_per_minute: null },
};

/** The setting PLANS: the tiers of an installation, as JSON. */
export const plansSetting = z
  .string()
  .default(JSON.stringify(SHIPPED))
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // The parser's own message quotes the text.
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  })
  .pipe(tiersSchema)
  .superRefine((tiers, context) => {
    const names = Object.keys(tiers);
    if (!names.every((name) => TIER_NAME.test(name)))
      context.addIssue('must name tiers by up to 64 lower case letters, digits, - and _');
    if (!names.includes(DEFAULT_TIER))
      context.addIssue(`must hold a tier called ${DEFAULT_TIER}: new accounts have it`);
  })
  .transform((tiers) => Object.entries(tiers).map(tierOf));

const tierOf = ([name, limits]: [string, Tiers[string]]): Tier => ({
  name,
  writesPerMonth: limits.writes_per_month,
  queriesPerMonth: limits.queries_per_month,
  requestsPerMinute: limits.requests_per_minute,
});
