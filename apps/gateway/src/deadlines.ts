/** How long callers wait, and how long what they left with us may live. Milliseconds. */
export class Deadlines {
  /** A job that has not ended by then ends with its last failure. */
  readonly jobMs = 3_600_000;

  constructor(
    /** How long a call without a preference waits. */
    readonly syncWaitMs: number,
    private readonly llmTimeoutMs: number,
    private readonly callerKeyTtlMs: number,
  ) {}

  jobDeadline(now: Date): Date {
    return new Date(now.getTime() + this.jobMs);
  }

  /** Until when the workers may open the envelope of a job that has a row. */
  keyExpiry(now: Date): Date {
    return new Date(now.getTime() + this.callerKeyTtlMs);
  }

  /** Until when they may open that of a question which only its caller waits for. */
  questionExpiry(now: Date): Date {
    return new Date(now.getTime() + this.syncWaitMs + this.llmTimeoutMs);
  }
}
