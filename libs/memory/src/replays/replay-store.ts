import type { Failure } from '@app/errors';

/** One call under an Idempotency-Key. The key itself is not kept. */
export interface KeyedCall {
  readonly accountId: string;
  /** Method and path: one key on two routes is two. */
  readonly route: string;
  readonly keyHash: Buffer;
  /** Two calls ask for the same exactly when these are equal. */
  readonly fingerprint: Buffer;
}

/** What a call will have made, named before it makes anything: done twice under these names, it is done once. */
export interface ReservedWrite {
  /** The id of its write; those of a batch derive from it. */
  readonly writeId: string;
  /** How long its caller waits for the result. */
  readonly waitMs: number;
}

/** What became of one item of a batch. */
export type BatchResult = { readonly jobId: string } | { readonly failure: Failure };

/** What the first answer is rendered from when it is given again. */
export type FirstAnswer =
  | { readonly kind: 'result'; readonly jobId: string }
  | { readonly kind: 'accepted'; readonly jobId: string }
  | { readonly kind: 'batch'; readonly results: readonly BatchResult[] }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** The right to settle what a key's first call is: lost once somebody else has taken it over. */
export interface IdempotencyHold {
  readonly call: KeyedCall;
  readonly begunAt: Date;
}

/** The first call under a key, as a later one finds it. */
export interface FirstCall {
  readonly fingerprint: Buffer;
  readonly begunAt: Date;
  /** By the store's clock: a process' own may be wrong. */
  readonly ageMs: number;
  readonly reserved: ReservedWrite;
  /** `released`: it was answered with what is not kept, and the next one is the first. */
  readonly state: 'running' | 'kept' | 'released';
  /** Of a `kept` one. */
  readonly answer: FirstAnswer | null;
}

/** First answers, for whoever asks twice; each for 24 hours. */
export abstract class ReplayStore {
  /** Of any number of calls at once, one has the hold. */
  abstract begin(
    call: KeyedCall,
    reserved: ReservedWrite,
  ): Promise<{ readonly hold: IdempotencyHold } | { readonly first: FirstCall }>;
  /** Makes this call the first, in the place of one that was. Undefined: that one has gone on, or another was faster. */
  abstract takeOver(
    call: KeyedCall,
    first: FirstCall,
    reserved: ReservedWrite,
  ): Promise<IdempotencyHold | undefined>;
  abstract keep(hold: IdempotencyHold, answer: FirstAnswer): Promise<void>;
  abstract release(hold: IdempotencyHold): Promise<void>;
  /** Those of the ids under which a write was made. */
  abstract findWrites(accountId: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Returns how many, at most `limit`. */
  abstract deleteExpired(limit: number): Promise<number>;
}
