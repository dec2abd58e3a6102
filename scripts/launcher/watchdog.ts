import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { HomeDirectory } from './home-directory.js';
import { birthOf, endProcess, isAlive, isGoneWithin } from './processes.js';
import { type Program, STOP_ORDER } from './program.js';

const PROGRAM = fileURLToPath(new URL('./watchdog-process.ts', import.meta.url));
/** The watched processes are also kept in a file, for the case that launcher and watchdog are killed together. */
export const WATCHED_FILE = 'processes.json';
/** After the launcher's death a process that does not end within this time is killed. Postgres gets longer, for its checkpoint. */
const WITHIN_MS = 3_000;

/** A separate process that survives the launcher, and ends the other processes when the launcher was killed. */
export class Watchdog {
  readonly #watched = new Map<number, object>();
  #process: ChildProcess | undefined;
  #closed = false;

  constructor(private readonly home: HomeDirectory) {}

  start(): void {
    // The watchdog has a session of its own, so that Ctrl-C or a kill of the launcher's process group does not reach it.
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

/** The watchdog of an earlier launcher gets this long to end its processes. */
const WATCHDOG_MS = 5_000;
const END_WITHIN_MS = 20_000;

const leftSchema = z.array(
  z.object({
    pid: z.int(),
    birth: z.string(),
    signal: z.string().transform((signal) => signal as NodeJS.Signals),
    rank: z.int(),
  }),
);

/** Ends processes of an earlier run that neither its launcher nor its watchdog ended. @returns their number. */
export async function endLeftovers(home: HomeDirectory): Promise<number> {
  const left = (leftSchema.safeParse(home.find(WATCHED_FILE)).data ?? [])
    .filter(({ pid, birth }) => isAlive(pid) && birthOf(pid) === birth)
    .toSorted((one, other) => one.rank - other.rank);
  const patience = Date.now() + WATCHDOG_MS;
  let ended = 0;
  for (const { pid, signal } of left) {
    if (await isGoneWithin(pid, patience - Date.now())) continue;
    await endProcess(pid, signal, END_WITHIN_MS);
    ended += 1;
  }
  return ended;
}
