const PROBATION_MS = 600_000;
/** Apart, so that the jobs of a batch do not all come back in the same second. */
const SHORTEST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const SWEPT_FROM = 1_000;

/** A place among the calls under way, given back when it is disposed of; with a `wait` in milliseconds there was none. */
export interface Place extends Disposable {
  readonly wait?: number;
}

/**
 * Whoever had a key refused lately has no more calls under way at once than may still be refused. Else a thousand jobs,
 * accepted before the first of them ran, would be a thousand keys tried at the end of each minute. Per process.
 */
export class Probation {
  readonly #until = new Map<string, number>();
  readonly #underWay = new Map<string, number>();

  begin(name: string, now = Date.now()): void {
    if (this.#until.size >= SWEPT_FROM)
      for (const [known, until] of this.#until) if (until <= now) this.#until.delete(known);
    this.#until.set(name, now + PROBATION_MS);
  }

  enter(name: string, refused: number, allowed: number, now = Date.now()): Place {
    const underWay = this.#underWay.get(name) ?? 0;
    const onProbation = refused > 0 || now < (this.#until.get(name) ?? 0);
    if (onProbation && underWay >= allowed - refused)
      return { wait: aWhile(), ...NOTHING_TO_LEAVE };
    this.#underWay.set(name, underWay + 1);
    return { [Symbol.dispose]: () => this.#leave(name) };
  }

  #leave(name: string): void {
    const left = (this.#underWay.get(name) ?? 1) - 1;
    if (left > 0) this.#underWay.set(name, left);
    else this.#underWay.delete(name);
  }
}

const NOTHING_TO_LEAVE: Disposable = { [Symbol.dispose]: () => undefined };

const aWhile = (): number =>
  SHORTEST_WAIT_MS + Math.random() * (LONGEST_WAIT_MS - SHORTEST_WAIT_MS);
