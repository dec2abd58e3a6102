import type { KeyObject } from 'node:crypto';

const MAX_CONTEXTS = 1_000;
/** A context is kept for this long after its first envelope was opened, in milliseconds. */
const KEPT_MS = 60_000;

interface KeptContext {
  readonly key: KeyObject;
  readonly until: number;
}

/**
 * The keys of the contexts whose envelopes a worker has opened: the next envelope of the same context needs no exchange.
 * They are derived keys, and no caller's key is among them. The worker holds the private half of the sealing pair, so it could
 * derive each of them again.
 */
export class OpenedContexts {
  /** The least recently used context is first. */
  readonly #contexts = new Map<string, KeptContext>();
  #sweep: NodeJS.Timeout | undefined;

  find(name: string): KeyObject | undefined {
    const found = this.#contexts.get(name);
    if (!found || performance.now() >= found.until) return undefined;
    this.#contexts.delete(name);
    this.#contexts.set(name, found);
    return found.key;
  }

  /** Call it only after an envelope was opened, so that forged contexts do not replace real ones. */
  keep(name: string, key: KeyObject): void {
    this.#contexts.set(name, { key, until: performance.now() + KEPT_MS });
    const [oldest] = this.#contexts.keys();
    if (this.#contexts.size > MAX_CONTEXTS && oldest !== undefined) this.#contexts.delete(oldest);
    this.#sweep ??= setInterval(() => this.#dropOld(), KEPT_MS).unref();
  }

  /** The number of contexts that are kept. */
  get size(): number {
    return this.#contexts.size;
  }

  #dropOld(): void {
    const now = performance.now();
    for (const [name, { until }] of this.#contexts) if (now >= until) this.#contexts.delete(name);
    if (this.#contexts.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}
