import { setTimeout as delay } from 'node:timers/promises';

import { LaunchFailure } from './launch-failure.js';

const POLL_MS = 100;
const ASK_TIMEOUT_MS = 3_000;

/** @throws LaunchFailure when it is not ready by then. */
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
