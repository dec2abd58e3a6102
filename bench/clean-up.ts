import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GONE_WITHIN_MS = 3_000;
const POLL_MS = 20;

/** Every process that the benchmark has started, with the signal that ends it at once. */
const running = new Map<number, NodeJS.Signals>();

/** Servers put their data below it, so that one deletion at the end removes all of it. Postgres runs as another user. */
const directory = mkdtempSync(join(tmpdir(), 'aurra-bench-'));
chmodSync(directory, 0o755);
process.env['TMPDIR'] = directory;

/** The folder for files of this run. It is deleted at the end. */
export const runDirectory = directory;

export function endAtExit(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  running.set(pid, signal);
}

/** The process has ended. Its number may soon belong to another process. */
export function hasEnded(pid: number): void {
  running.delete(pid);
}

// Ctrl-C in the terminal reaches the children too, but a signal from elsewhere reaches only this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(130));

// Synchronous, because the exit can come from anywhere: a signal, an error, or Ctrl-C in a progress bar.
process.once('exit', () => {
  for (const [pid, signal] of running) send(pid, signal);
  const until = Date.now() + GONE_WITHIN_MS;
  while ([...running.keys()].some((pid) => send(pid, 0)) && Date.now() < until) sleep(POLL_MS);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
