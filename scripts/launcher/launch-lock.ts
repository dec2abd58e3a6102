import { linkSync, rmSync, writeFileSync } from 'node:fs';

import type { HomeDirectory } from './home-directory.js';
import { LaunchFailure } from './launch-failure.js';
import { birthOf, isAlive } from './processes.js';

const LOCK = 'launcher.json';

/**
 * One launcher a directory. The lock names its holder; one whose holder is dead is taken over.
 * @throws LaunchFailure when another launcher runs here.
 */
export function takeLock(home: HomeDirectory): { release(): void } {
  const path = home.file(LOCK);
  // Linked into place, so that nobody ever reads a lock without its holder.
  const own = home.file(`launcher.${process.pid}`);
  writeFileSync(own, JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) }));
  try {
    while (!linked(own, path)) {
      const holder = findHolder(home);
      if (holder !== undefined) {
        throw new LaunchFailure(
          `Aurra is already running here (process ${holder}): stop that one first, or start this one in another directory.`,
        );
      }
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function findHolder(home: HomeDirectory): number | undefined {
  const holder = home.find(LOCK) as { pid: number; birth: string } | undefined;
  const runs = holder && isAlive(holder.pid) && birthOf(holder.pid) === holder.birth;
  return runs ? holder.pid : undefined;
}
