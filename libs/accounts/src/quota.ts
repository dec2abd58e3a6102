import { AppError } from '@app/errors';

/** What is counted, each by itself. */
export type QuotaKind = 'write' | 'query';

/** A counter is so many rows: one row would make every write of an account wait for the one before it. */
export const QUOTA_SLOTS = 16;
/** More than a counter can count to: no limit. */
const UNLIMITED = 2_147_483_647;

const GRACE_MS = 7 * 86_400_000;

/** One call that is counted: whose, of what, and how many its account has in a period. Null: without limit. */
export interface QuotaCall {
  readonly accountId: string;
  readonly kind: QuotaKind;
  readonly limit: number | null;
}

/** Where a call was counted, so that it can be given back. */
export interface Counted {
  /** The first day of its month, UTC, like `2026-11-01`. */
  readonly period: string;
  readonly slot: number;
}

/** How many calls one slot takes: together exactly the limit. */
export function slotCapacity(limit: number | null, slot: number): number {
  if (limit === null) return UNLIMITED;
  return Math.floor(limit / QUOTA_SLOTS) + (slot < limit % QUOTA_SLOTS ? 1 : 0);
}

/** A month in UTC. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

export function periodOf(now: Date): Period {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
}

export type QuotaState = 'open' | 'grace' | 'blocked';

/** @param exhaustedAt when in this period more was asked for than there was. */
export function quotaState(exhaustedAt: Date | null, now: Date): QuotaState {
  if (exhaustedAt === null) return 'open';
  return now.getTime() < exhaustedAt.getTime() + GRACE_MS ? 'grace' : 'blocked';
}

const NAMES = { write: 'writes', query: 'queries' } as const satisfies Record<QuotaKind, string>;

export function quotaExceeded(kind: QuotaKind, quota: number, now: Date): AppError {
  const { start, end } = periodOf(now);
  const name = NAMES[kind];
  return new AppError(
    'quota_exceeded',
    `The ${name} of this month are used up. There are new ones when the next month begins (UTC), or with a larger plan; \`GET /plan/status\` has the figures.`,
    {
      retryAfterMs: end.getTime() - now.getTime(),
      limit: { name, quota, windowMs: end.getTime() - start.getTime() },
    },
  );
}

/** Counts calls that have no row of their own. Writes are counted where they are stored. */
export abstract class QuotaStore {
  /** @throws AppError `quota_exceeded` */
  abstract count(call: QuotaCall): Promise<Counted>;
  /** For a call that was refused after all. */
  abstract giveBack(call: Pick<QuotaCall, 'accountId' | 'kind'>, counted: Counted): Promise<void>;
}
