import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Whether a process still runs. A zombie does not count, although `kill(pid, 0)` succeeds until it is reaped. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** The command line of a process, or an empty text. */
export function commandOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      : ps(pid, 'args=');
  } catch {
    return '';
  }
}

/** The start time of a process, in the system's format. The system may reuse a pid, but not a pid with the same start time. */
export function birthOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart=');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22 of proc(5). Field 2 is a name in brackets that may hold spaces and brackets, so counting starts after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** @returns whether the process was gone within that time. */
export async function isGoneWithin(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; isAlive(pid); await delay(POLL_MS)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}

/** Sends `signal` to a process, and SIGKILL if it still runs after `withinMs`. */
export async function endProcess(
  pid: number,
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<void> {
  send(pid, signal);
  if (await isGoneWithin(pid, withinMs)) return;
  send(pid, 'SIGKILL');
  await isGoneWithin(pid, withinMs);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended already.
  }
}

function isZombie(pid: number): boolean {
  try {
    return process.platform === 'linux'
      ? /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      : ps(pid, 'stat=').startsWith('Z');
  } catch {
    return false;
  }
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
}
