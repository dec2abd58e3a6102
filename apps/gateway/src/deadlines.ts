import { JOB_LIFETIME_MS } from '@app/jobs/policy';

/** How long callers wait, and how long their jobs and keys may live. Milliseconds. */
export class Deadlines {
  constructor(
    /** How long a call without a preference waits. */
    readonly syncWaitMs: number,
    private readonly llmTimeoutMs: number,
    private readonly callerKeyTtlMs: number,
  ) {}

  /** A failure after this time is final, and so is one for which a provider asks for a wait beyond it. */
  jobDeadline(now: Date): Date {
    return new Date(now.getTime() + JOB_LIFETIME_MS);
  }

  /** When the workers stop opening the envelope of a job that has a row. */
  storedKeyExpiry(now: Date): Date {
    return new Date(now.getTime() + this.callerKeyTtlMs);
  }

  /** When the workers stop opening the envelope of a job without a row: its caller has left by then. */
  unstoredKeyExpiry(now: Date): Date {
    return new Date(now.getTime() + this.syncWaitMs + this.llmTimeoutMs);
  }
}
