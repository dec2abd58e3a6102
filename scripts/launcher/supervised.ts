import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { LaunchFailure } from './launch-failure.js';
import type { Program } from './program.js';
import { describeEnding, spawnProgram, type Surroundings } from './spawn-program.js';

const RESTART_DELAYS_MS = [500, 1_000, 2_000, 4_000];
/** Whoever ran this long did not crash "in a row". */
const STEADY_MS = 60_000;

/** A program that is kept running: started again when it crashes, given up after several crashes in a row. */
export class Supervised {
  #child: (ChildProcess & { readonly pid: number }) | undefined;
  #starting: Promise<void> | undefined;
  #restart: Promise<void> | undefined;
  #crashes = 0;
  #settled = false;
  readonly #stopping = new AbortController();

  constructor(
    readonly program: Program,
    private readonly surroundings: Surroundings,
    private readonly giveUp: (failure: LaunchFailure) => void,
  ) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws LaunchFailure */
  async start(): Promise<void> {
    this.#starting = this.#spawn();
    await this.#starting;
  }

  async #spawn(): Promise<void> {
    await this.program.prepare?.();
    if (this.#stopping.signal.aborted) return;
    const startedAt = Date.now();
    const child = await spawnProgram(this.program, this.surroundings);
    this.#child = child;
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      this.#child = undefined;
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > STEADY_MS) this.#crashes = 0;
      this.#restart = this.#comeBack(describeEnding({ code, signal })).catch((error: unknown) => {
        if (error instanceof LaunchFailure) this.giveUp(error);
        else if (!this.#stopping.signal.aborted) throw error;
      });
    });
  }

  /** It was ready once: from now on a crash is worth another try. */
  settle(): void {
    this.#settled = true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // What is just being started has to be there before it can be stopped.
    await Promise.allSettled([this.#starting, this.#restart]);
    const child = this.#child;
    if (!child) return;
    const closed = once(child, 'close');
    child.kill(this.program.stopSignal);
    const late = setTimeout(() => {
      this.surroundings.log.warn(`${this.program.name} does not stop and is killed.`);
      child.kill('SIGKILL');
    }, this.program.stopWithinMs);
    await closed;
    clearTimeout(late);
  }

  async #comeBack(ending: string): Promise<void> {
    const { name } = this.program;
    if (!this.#settled) {
      throw new LaunchFailure(
        `${name} ended before it was ready (${ending}): see its last lines above.`,
      );
    }
    const wait = RESTART_DELAYS_MS[this.#crashes];
    this.#crashes += 1;
    if (wait === undefined) {
      throw new LaunchFailure(
        `${name} crashed ${this.#crashes} times in a row (${ending}): giving up.`,
      );
    }
    this.surroundings.log.warn(`${name} crashed (${ending}): starting it again in ${wait} ms.`);
    await delay(wait, undefined, { signal: this.#stopping.signal });
    await this.start();
  }
}
