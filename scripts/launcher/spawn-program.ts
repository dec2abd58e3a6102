import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { LaunchFailure, reasonOf } from './launch-failure.js';
import type { Log } from './log.js';
import type { Program } from './program.js';
import type { Watchdog } from './watchdog.js';

export interface Surroundings {
  readonly log: Log;
  readonly watchdog: Watchdog;
}

/** How a process ended, in words. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/**
 * Starts a program under the watchdog, its output going to the log.
 * It gets a session of its own: a Ctrl-C in the terminal reaches the launcher alone, which then stops all in order.
 * @throws LaunchFailure when it cannot be started at all.
 */
export async function spawnProgram(
  program: Program,
  { log, watchdog }: Surroundings,
): Promise<ChildProcess & { readonly pid: number }> {
  const { name, command, args, environment, identity, input } = program;
  const child = spawn(command, [...args], {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...environment },
    ...identity,
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new LaunchFailure(`${name} cannot be started: ${reasonOf(error)}`);
  }
  const pid = child.pid!;
  watchdog.watch(pid, program);
  child.once('exit', () => watchdog.forget(pid));
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface(child[stream]!).on('line', (line) =>
      log.line(name, line, program.levelOf(line, stream)),
    );
  }
  // A program that ends without reading is none of our errors: its exit says more.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return child as typeof child & { readonly pid: number };
}

/** Runs a program that ends by itself. @throws LaunchFailure when it fails. */
export async function runProgram(
  program: Program,
  surroundings: Surroundings,
  stopping: AbortSignal,
): Promise<void> {
  const child = await spawnProgram(program, surroundings);
  const stop = () => child.kill(program.stopSignal);
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  // `close` comes after the last line of output, `exit` may not.
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  stopping.removeEventListener('abort', stop);
  stopping.throwIfAborted();
  if (code !== 0) {
    throw new LaunchFailure(
      `${program.name} failed (${describeEnding({ code, signal })}): see its last lines above.`,
    );
  }
}

export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code}` : signal;
}
