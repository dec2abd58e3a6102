import { AppError } from '@app/errors';

/** The kinds of calls, each counted separately. */
export type QuotaKind = 'write' | 'query';

/** Rows per counter. With a single row, every write of an account would wait for the lock of the write before it. */
export const QUOTA_SLOTS = 16;
/** The largest Postgres integer: no counter reaches it. */
const UNLIMITED = 2_147_483_647;

const GRACE_MS = 7 * 86_400_000;

/** A call to count. `limit` is the quota of the account for one period; null: without limit. */
export interface QuotaCall {
  readonly accountId: string;
  readonly kind: QuotaKind;
  readonly limit: number | null;
}

/** The slot that counted a call, so that the call can be uncounted. */
export interface Counted {
  /** The first day of its month, UTC, like `2026-11-01`. */
  readonly period: string;
  readonly slot: number;
}

/** How many calls one slot can count. The capacities of all slots add up to the limit. */
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

/** @param exhaustedAt when the account first exceeded its quota in this period. */
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

/** Counts queries, each in a transaction of its own. A write is counted in the transaction that stores it, not here. */
export abstract class QuotaStore {
  /** @throws AppError `quota_exceeded` */
  abstract count(call: QuotaCall): Promise<Counted>;
  /** Uncounts a call that failed through Aurra's own fault. */
  abstract giveBack(call: Pick<QuotaCall, 'accountId' | 'kind'>, counted: Counted): Promise<void>;
}
