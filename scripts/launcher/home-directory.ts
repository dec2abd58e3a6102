import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

import { LaunchFailure } from './launch-failure.js';
import { birthOf, isAlive } from './processes.js';

/** `.aurra/`: data, secrets that are kept between runs, and the lock of the running launcher. */
export class HomeDirectory {
  readonly path: string;

  constructor(path = '.aurra') {
    this.path = resolve(path);
  }

  /** Every user may pass through it, because under root Postgres runs as another user. Secret files have mode 0600. */
  create(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o755 });
      accessSync(this.path, constants.W_OK | constants.X_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new LaunchFailure(
        `Aurra keeps its data in ${this.path} and may not write there (${code}): give this user the right to, or run it elsewhere.`,
      );
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string | undefined {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8').trim() : undefined;
  }

  /** Writes a file that only this user can read. */
  keepSecret(name: string, secret: string): void {
    writeFileSync(this.file(name), `${secret}\n`, { mode: 0o600 });
    // writeFile sets the mode of a new file only.
    chmodSync(this.file(name), 0o600);
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  keep(name: string, value: unknown): void {
    writeFileSync(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** The kept value; undefined when the file is missing or is not valid JSON. */
  find(name: string): unknown {
    try {
      return JSON.parse(this.read(name) ?? '');
    } catch {
      return undefined;
    }
  }
}
/** The file in `.aurra/` that holds the URLs of the running product. The demo reads it. */
export const RUN_FILE = 'run.json';

const LOCK = 'launcher.json';

/**
 * Lets one launcher at a time run in a directory. The lock names the process that holds it. A lock whose process is gone is
 * taken over.
 * @throws LaunchFailure when another launcher runs here.
 */
export function takeLock(home: HomeDirectory): { release(): void } {
  const path = home.file(LOCK);
  // A hard link appears with its content, so no reader finds a lock without its holder.
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
