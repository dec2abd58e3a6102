/**
 * Ends the launcher's programs when the launcher could not: this process's standard input closes when the launcher dies, even
 * by SIGKILL. Node runs this file without a loader, and it imports no other file of the project, so that no other part can
 * stop it.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

interface Watched {
  readonly pid: number;
  readonly signal: NodeJS.Signals;
  readonly withinMs: number;
  /** Lower ranks are ended first: a server before the stores that it uses. */
  readonly rank: number;
}

const watched = new Map<number, Watched>();

for await (const line of createInterface(process.stdin)) {
  const message = JSON.parse(line) as { watch: Watched } | { forget: number };
  if ('watch' in message) watched.set(message.watch.pid, message.watch);
  else watched.delete(message.forget);
}

const ranks = [...new Set([...watched.values()].map(({ rank }) => rank))].toSorted((a, b) => a - b);
for (const rank of ranks) {
  await Promise.all([...watched.values()].filter((one) => one.rank === rank).map(end));
}

async function end({ pid, signal, withinMs }: Watched): Promise<void> {
  if (!send(pid, signal)) return;
  for (const deadline = Date.now() + withinMs; isAlive(pid); await delay(50)) {
    if (Date.now() > deadline) {
      send(pid, 'SIGKILL');
      return;
    }
  }
}

/** A zombie counts as ended: if process 1 does not reap orphans, a zombie can stay for a long time. */
function isAlive(pid: number): boolean {
  if (!send(pid, 0)) return false;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
