import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import type { App } from '../../scripts/launcher/child-settings.js';
import { nodeFlags } from '../../scripts/launcher/node-flags.js';

const READY_WITHIN_MS = 120_000;

/** One process of the product. */
export interface AppProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  /** Whether a test has ended it, or is about to. */
  isOver: boolean;
}

export function startApp(
  name: string,
  environment: Record<string, string>,
  written: string[],
): AppProcess {
  const app = name.replace(/-2$/, '') as App;
  const child = spawn(process.execPath, [...nodeFlags(app), `dist/apps/${app}/main.js`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => written.push(text));
  return { name, child, exited: once(child, 'exit'), isOver: false };
}

export async function end(app: AppProcess, signal: NodeJS.Signals): Promise<void> {
  const { child, exited } = app;
  if (hasEnded(app) && !app.isOver) return;
  app.isOver = true;
  if (hasEnded(app)) return;
  child.kill(signal);
  // A process that a test has paused with SIGSTOP gets the signal when it continues.
  child.kill('SIGCONT');
  await exited;
}

const hasEnded = ({ child }: AppProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** Whether the process ended by itself. */
export const hasCrashed = (app: AppProcess): boolean => hasEnded(app) && !app.isOver;

export async function untilReady({ name, child }: AppProcess, probePort: number): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
    const ready = await fetch(`http://127.0.0.1:${probePort}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} was not ready in time.`);
}

/** Asks for the readiness with a timeout, as a probe does. Undefined: the process did not answer. */
export async function readinessAt(
  port: number,
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(5_000),
    });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return undefined;
  }
}

export function residentBytes(pid: number | undefined): number {
  const status = pid === undefined ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

export async function metricsAt(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}
