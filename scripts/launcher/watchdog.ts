import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { HomeDirectory } from './home-directory.js';
import { birthOf } from './processes.js';
import { type Program, STOP_ORDER } from './program.js';

const PROGRAM = fileURLToPath(new URL('./watchdog-process.ts', import.meta.url));
/** What is watched is written down as well: somebody may kill launcher and watchdog together. */
export const WATCHED_FILE = 'processes.json';
/** A dead launcher has nobody to wait for: what does not end soon is killed. Postgres gets the time for a checkpoint. */
const WITHIN_MS = 3_000;

/** A process that outlives the launcher and ends the others when the launcher was killed. */
export class Watchdog {
  readonly #watched = new Map<number, object>();
  #process: ChildProcess | undefined;
  #closed = false;

  constructor(private readonly home: HomeDirectory) {}

  start(): void {
    // A session of its own: a Ctrl-C or a kill of the launcher's process group must not reach it.
    const child = spawn(process.execPath, ['--no-warnings', PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    });
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    child.on('exit', () => {
      if (!this.#closed) this.start();
    });
    child.unref();
    this.#process = child;
    for (const watch of this.#watched.values()) this.#tell({ watch });
  }

  watch(pid: number, { name, stopSignal, stopWithinMs, rank }: Program): void {
    const withinMs = rank === 'postgres' ? stopWithinMs : Math.min(WITHIN_MS, stopWithinMs);
    const watch = {
      name,
      pid,
      birth: birthOf(pid),
      signal: stopSignal,
      withinMs,
      rank: STOP_ORDER.indexOf(rank),
    };
    this.#watched.set(pid, watch);
    this.#tell({ watch });
    this.#writeDown();
  }

  forget(pid: number): void {
    this.#watched.delete(pid);
    this.#tell({ forget: pid });
    this.#writeDown();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.ref();
    child.stdin?.end();
    await exited;
  }

  #tell(message: object): void {
    this.#process?.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #writeDown(): void {
    this.home.keep(WATCHED_FILE, [...this.#watched.values()]);
  }
}
