import { PROBATION_DELAY_MS, PROBATION_MS } from '../policy.js';

/** From this many names on, ended probations are deleted before another one begins. */
const SWEEP_FROM = 1_000;

/** A place among the calls under way. Disposal frees it. With `waitMs` no place was free, and there is nothing to free. */
export interface ProbationPlace extends Disposable {
  readonly waitMs?: number;
}

/**
 * Limits the calls under way of a caller with a recently rejected key to the number of keys that may still be rejected.
 * Without it a thousand jobs, accepted before the first of them ran, would try a thousand keys. Each process counts alone.
 */
export class Probation {
  readonly #endsAt = new Map<string, number>();
  readonly #underWay = new Map<string, number>();

  begin(name: string, now = Date.now()): void {
    if (this.#endsAt.size >= SWEEP_FROM)
      for (const [known, endsAt] of this.#endsAt) if (endsAt <= now) this.#endsAt.delete(known);
    this.#endsAt.set(name, now + PROBATION_MS);
  }

  enter(name: string, refused: number, allowed: number, now = Date.now()): ProbationPlace {
    const underWay = this.#underWay.get(name) ?? 0;
    const isOnProbation = refused > 0 || now < (this.#endsAt.get(name) ?? 0);
    if (isOnProbation && underWay >= allowed - refused)
      return { waitMs: randomDelayMs(), [Symbol.dispose]: () => undefined };
    this.#underWay.set(name, underWay + 1);
    return { [Symbol.dispose]: () => this.#leave(name) };
  }

  #leave(name: string): void {
    const left = (this.#underWay.get(name) ?? 1) - 1;
    if (left > 0) this.#underWay.set(name, left);
    else this.#underWay.delete(name);
  }
}

const randomDelayMs = (): number =>
  PROBATION_DELAY_MS.min + Math.random() * (PROBATION_DELAY_MS.max - PROBATION_DELAY_MS.min);
