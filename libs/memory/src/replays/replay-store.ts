import type { Failure } from '@app/errors';

/** One call under an Idempotency-Key. The key itself is not kept. */
export interface KeyedCall {
  readonly accountId: string;
  /** Method and path. The same key on another route is another call. */
  readonly route: string;
  readonly keyHash: Buffer;
  /** Hash of the request: a repeated call must have the same one. */
  readonly fingerprint: Buffer;
}

/** The id and the wait of a call, stored before its write. A repeated call uses the same id, so it stores nothing twice. */
export interface ReservedWrite {
  /** The id of the write. The ids of the writes of a batch are derived from it. */
  readonly writeId: string;
  /** How long the caller waits for the result. */
  readonly waitMs: number;
}

/** The result of one item of a batch. */
export type BatchResult = { readonly jobId: string } | { readonly failure: Failure };

/** The data from which a repeated call renders the first answer again. */
export type FirstAnswer =
  | { readonly kind: 'result'; readonly jobId: string }
  | { readonly kind: 'accepted'; readonly jobId: string }
  | { readonly kind: 'batch'; readonly results: readonly BatchResult[] }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** The right to store the first answer of an Idempotency-Key. A call loses it when another call takes over. */
export interface IdempotencyHold {
  readonly call: KeyedCall;
  readonly begunAt: Date;
}

/** The first call under an Idempotency-Key, as a later call reads it. */
export interface FirstCall {
  readonly fingerprint: Buffer;
  readonly begunAt: Date;
  /** By the clock of the store: the clock of a process may be wrong. */
  readonly ageMs: number;
  readonly reserved: ReservedWrite;
  /** `released`: the answer was not stored, and the next call counts as the first. */
  readonly state: 'running' | 'kept' | 'released';
  /** Null unless the state is `kept`. */
  readonly answer: FirstAnswer | null;
}

/** Stores the first answer of each Idempotency-Key for 24 hours. */
export abstract class ReplayStore {
  /** Records a call as the first under its Idempotency-Key. Of any number of calls at once, exactly one gets the hold. */
  abstract begin(
    call: KeyedCall,
    reserved: ReservedWrite,
  ): Promise<{ readonly hold: IdempotencyHold } | { readonly first: FirstCall }>;
  /** Makes this call the first in place of `first`. Undefined: `first` has been answered since, or another call took it over. */
  abstract takeOver(
    call: KeyedCall,
    first: FirstCall,
    reserved: ReservedWrite,
  ): Promise<IdempotencyHold | undefined>;
  abstract keep(hold: IdempotencyHold, answer: FirstAnswer): Promise<void>;
  abstract release(hold: IdempotencyHold): Promise<void>;
  /** @returns the given ids that are ids of writes of this account. */
  abstract findWrites(accountId: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** @returns how many were deleted, at most `limit`. */
  abstract deleteExpired(limit: number): Promise<number>;
}
