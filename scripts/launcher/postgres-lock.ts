import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { LaunchFailure } from './launch-failure.js';
import type { Log } from './log.js';
import { commandOf, endProcess, isAlive } from './processes.js';

const WITHIN_MS = 15_000;

/**
 * Clears the way for a start: a server that an earlier run left on our data is stopped, a lock without its server removed.
 * @throws LaunchFailure
 */
export async function clearPostgresLock(dataDirectory: string, log: Log): Promise<void> {
  const lock = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  // A pid that was given to somebody else meanwhile is not ours to signal.
  if (isAlive(pid) && commandOf(pid).includes(dataDirectory)) {
    log.warn('A Postgres of an earlier run was still there: it is stopped first.');
    await endProcess(pid, 'SIGINT', WITHIN_MS);
    if (isAlive(pid)) {
      throw new LaunchFailure(
        `A Postgres of an earlier run (process ${pid}) does not stop: end it, then start again.`,
      );
    }
  } else {
    log.info('A lock that a crashed Postgres left was removed.');
  }
  rmSync(lock, { force: true });
}
