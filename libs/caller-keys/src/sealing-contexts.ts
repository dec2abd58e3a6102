import type { KeyObject } from 'node:crypto';

/** A context seals for this long, in milliseconds. */
const CONTEXT_MS = 1_000;
/** A context seals this many envelopes: the chance that two of them get the same random nonce is 2^-70. */
const MAX_SEALS = 10_000;

/** One ephemeral key pair, and the AES key that it gives with the workers' key. No caller's key is part of it. */
export interface SealingContext {
  /** The public half, in base64url. */
  readonly ephemeral: string;
  readonly key: KeyObject;
}

/**
 * The context that seals now. A key pair and an exchange for each envelope took 149 µs. A context is dropped a second after
 * it began, also when nothing is sealed after it: its key opens the envelopes of that second.
 */
export class SealingContexts {
  #current: (SealingContext & { readonly until: number; sealsLeft: number }) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly begin: () => SealingContext) {}

  /** The context for one more envelope. */
  current(): SealingContext {
    const now = performance.now();
    // The timer is late when the event loop is busy.
    if (!this.#current || this.#current.sealsLeft === 0 || now >= this.#current.until) {
      clearTimeout(this.#timer);
      this.#current = { ...this.begin(), until: now + CONTEXT_MS, sealsLeft: MAX_SEALS };
      this.#timer = setTimeout(() => (this.#current = undefined), CONTEXT_MS).unref();
    }
    this.#current.sealsLeft -= 1;
    return this.#current;
  }
}
