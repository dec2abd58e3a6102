import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { execa } from 'execa';

import { LaunchFailure } from './launch-failure.js';
import type { Level, Log } from './log.js';
import type { Watchdog } from './watchdog.js';

/** The order in which programs are stopped: a server before the stores that it uses. */
export const STOP_ORDER = ['gateway', 'worker', 'ops', 'simulator', 'queue', 'postgres'] as const;

export type Rank = (typeof STOP_ORDER)[number];

/** The user that a program runs as, if it is not the launcher's user. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** A process that the launcher starts. */
export interface Program {
  readonly name: string;
  readonly rank: Rank;
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly identity?: Identity | undefined;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs: number;
  /** The level of a line that is not one of our JSON lines. */
  levelOf(line: string, stream: 'stdout' | 'stderr'): Level;
  /** Runs before each start: repairs what an earlier run or a crash left behind. */
  prepare?(): Promise<void>;
}

/** The log and the watchdog of every started program. */
export interface Surroundings {
  readonly log: Log;
  readonly watchdog: Watchdog;
}

/**
 * Starts a program under the watchdog; its output goes to the log. `kill()` sends the program's stop signal, and SIGKILL
 * after `stopWithinMs`. The program gets a session of its own: Ctrl-C in the terminal reaches only the launcher, which
 * then stops all programs in order.
 * @throws LaunchFailure when it cannot be started at all.
 */
async function spawnProgram(
  program: Program,
  { log, watchdog }: Surroundings,
  cancelSignal?: AbortSignal,
) {
  const { name, command, args, environment, identity, input } = program;
  const child = execa(command, args, {
    env: environment,
    extendEnv: false,
    ...identity,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    detached: true,
    // The launcher stops programs in order; the watchdog stops them when the launcher was killed.
    cleanup: false,
    buffer: false,
    reject: false,
    killSignal: program.stopSignal,
    forceKillAfterDelay: program.stopWithinMs,
    ...(cancelSignal && { cancelSignal }),
  });
  const { pid } = child;
  if (pid === undefined) {
    const { originalMessage } = await child;
    throw new LaunchFailure(`${name} cannot be started: ${originalMessage?.split('\n')[0]}`);
  }
  watchdog.watch(pid, program);
  void once(child.nodeChildProcess, 'exit').finally(() => watchdog.forget(pid));
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface(child[stream]).on('line', (line) =>
      log.line(name, line, program.levelOf(line, stream)),
    );
  }
  // The subprocess is also a promise of its end: if it were returned alone, `await spawnProgram()` would wait for the end.
  return { child };
}

/** Runs a program that ends by itself. @throws LaunchFailure when it fails. */
export async function runProgram(
  program: Program,
  surroundings: Surroundings,
  stopping: AbortSignal,
): Promise<void> {
  stopping.throwIfAborted();
  const { child } = await spawnProgram(program, surroundings, stopping);
  const result = await child;
  stopping.throwIfAborted();
  if (result.failed) {
    throw new LaunchFailure(
      `${program.name} failed (${describeEnding(result)}): see its last lines above.`,
    );
  }
}

function describeEnding(result: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}): string {
  return result.signal ?? `exit code ${result.exitCode}`;
}

const RESTART_DELAYS_MS = [500, 1_000, 2_000, 4_000];
/** A crash after this uptime starts a new count of crashes in a row. */
const STEADY_MS = 60_000;

/** Keeps a program running: starts it again when it crashes, and gives up after several crashes in a row. */
export class SupervisedProgram {
  #child: Awaited<ReturnType<typeof spawnProgram>>['child'] | undefined;
  #starting: Promise<void> | undefined;
  #restart: Promise<void> | undefined;
  #crashes = 0;
  #wasReady = false;
  readonly #stopping = new AbortController();

  constructor(
    readonly program: Program,
    private readonly surroundings: Surroundings,
    private readonly giveUp: (failure: LaunchFailure) => void,
  ) {}

  /** @throws LaunchFailure */
  async start(): Promise<void> {
    this.#starting = this.#spawn();
    await this.#starting;
  }

  async #spawn(): Promise<void> {
    await this.program.prepare?.();
    if (this.#stopping.signal.aborted) return;
    const startedAt = Date.now();
    const { child } = await spawnProgram(this.program, this.surroundings);
    this.#child = child;
    void child.then((result) => {
      this.#child = undefined;
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > STEADY_MS) this.#crashes = 0;
      this.#restart = this.#startAgain(describeEnding(result)).catch((error: unknown) => {
        if (error instanceof LaunchFailure) this.giveUp(error);
        else if (!this.#stopping.signal.aborted) throw error;
      });
    });
  }

  /** After this call a crash leads to another start. Before it, a crash ends the launch. */
  markReady(): void {
    this.#wasReady = true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // A program that is being started can be stopped only when its process exists.
    await Promise.allSettled([this.#starting, this.#restart]);
    const child = this.#child;
    if (!child) return;
    child.kill();
    const { isForcefullyTerminated } = await child;
    if (isForcefullyTerminated)
      this.surroundings.log.warn(`${this.program.name} did not stop and was killed.`);
  }

  async #startAgain(ending: string): Promise<void> {
    const { name } = this.program;
    if (!this.#wasReady) {
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
