import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { endAtExit, hasEnded, runDirectory } from './clean-up.js';

const STOP_WITHIN_MS = 10_000;
let started = 0;

/** A process of the benchmark: an app of the product, a bare program, the provider. */
export interface BenchProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The last lines that it has written. */
  output(): string;
  /** SIGSTOP: it gets no CPU until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a program with this Node. Its output goes to a file, because reading it would cost this process CPU. */
export function startProcess(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): BenchProcess {
  const file = join(runDirectory, `${(started += 1)}-${name}.log`);
  const output = openSync(file, 'w');
  const child = spawn(process.execPath, [...args], {
    env: environment,
    stdio: ['ignore', output, output, 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started.`);
  endAtExit(pid);
  const exited = once(child, 'exit').then(() => hasEnded(pid));
  return {
    pid,
    child,
    output: () => readFileSync(file, 'utf8').slice(-4_000),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Starts one of the benchmark's own programs and waits for its first message. Node runs its TypeScript as it is. */
export async function startProgram(
  file: string,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<BenchProcess & { readonly first: unknown }> {
  const path = join(import.meta.dirname, file);
  const program = startProcess(file.replaceAll('/', '-'), [...flags, path], {
    PATH: process.env['PATH'] ?? '',
    ...environment,
  });
  const first = await Promise.race([once(program.child, 'message'), once(program.child, 'exit')]);
  if (program.child.exitCode !== null) throw new Error(`${file} ended early:\n${program.output()}`);
  return { ...program, first: first[0] };
}
