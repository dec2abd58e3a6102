import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { LaunchFailure } from './launch-failure.js';

const POLL_MS = 100;
const ASK_TIMEOUT_MS = 3_000;

/** Waits until the URL answers with a success. @throws LaunchFailure after `withinMs`. */
export async function isReady(
  name: string,
  url: string,
  withinMs: number,
  stopping: AbortSignal,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await answersOk(url));) {
    if (Date.now() > deadline) {
      throw new LaunchFailure(
        `${name} is not ready after ${Math.round(withinMs / 1000)} s: see its last lines above.`,
      );
    }
    await delay(POLL_MS, undefined, { signal: stopping });
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Waits until the port accepts connections. */
export async function portAnswers(port: number, signal: AbortSignal): Promise<void> {
  while (!(await accepts(port))) await delay(POLL_MS, undefined, { signal });
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
