import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import type { HomeDirectory } from './home-directory.js';
import { LaunchFailure } from './launch-failure.js';
import type { Log } from './log.js';
import {
  binariesIn,
  canReach,
  copyBinaries,
  installedBinaries,
  openDirectoryFor,
  type PostgresBinaries,
  postgresUser,
} from './postgres-binaries.js';
import { commandOf, endProcess, isAlive } from './processes.js';
import { type Identity, type Program, runProgram, type Surroundings } from './program.js';

export const POSTGRES_USER = 'aurra';
const STOP_WITHIN_MS = 20_000;

/** The paths of the server's data and programs, and the user that runs it. */
export interface Place {
  readonly data: string;
  readonly passwordFile: string;
  readonly binaries: PostgresBinaries;
  readonly identity: Identity | undefined;
}

/** Under root the server runs as another user. If that user cannot enter the checkout, the data are kept elsewhere. */
export function choosePlace(home: HomeDirectory, { log }: Surroundings): Place {
  let folder = home.path;
  let identity = postgresUser(join(folder, 'postgres'));
  if (!canReach(folder, identity)) {
    folder = openDirectoryFor(home.path);
    identity = postgresUser(join(folder, 'postgres'));
    log.warn(`The user that runs Postgres cannot enter ${home.path}: its data are in ${folder}.`);
  }
  let native = installedBinaries();
  if (!canReach(native, identity)) native = copyBinaries(native, openDirectoryFor(native));
  return {
    data: join(folder, 'postgres'),
    passwordFile: join(folder, 'postgres-password'),
    binaries: binariesIn(native, identity),
    identity,
  };
}

/** Makes the data directory. */
export async function initialise(
  place: Place,
  surroundings: Surroundings,
  stopping: AbortSignal,
): Promise<void> {
  const { data, passwordFile, binaries, identity } = place;
  surroundings.log.info('First start: making the database.');
  // The data are made under another name and then renamed, so a data directory that exists is complete.
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (identity) {
    chownSync(unfinished, identity.uid, identity.gid);
    chownSync(passwordFile, identity.uid, identity.gid);
  }
  await runProgram(
    {
      ...postgresProgram(place),
      name: 'initdb',
      command: binaries.initdb,
      args: [
        `--pgdata=${unfinished}`,
        `--username=${POSTGRES_USER}`,
        `--pwfile=${passwordFile}`,
        // Without these options initdb reads the environment; an empty one would give SQL_ASCII.
        '--encoding=UTF8',
        ...LOCALE,
        '--auth=scram-sha-256',
        '--no-instructions',
      ],
      levelOf: (_line, stream) => (stream === 'stderr' ? 'error' : 'debug'),
    },
    surroundings,
    stopping,
  );
  renameSync(unfinished, data);
}

/** Full text search needs a locale that knows letters, so plain C is not enough. macOS has no C.UTF-8. */
const LOCALE =
  process.platform === 'darwin'
    ? ['--locale', 'C', '--lc-ctype', 'en_US.UTF-8']
    : ['--locale', 'C.UTF-8'];

/** Reads the password, after a check that this server version can open the data. @throws LaunchFailure */
export function readPassword({ data, passwordFile, binaries }: Place): string {
  const read = (path: string, what: string): string => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new LaunchFailure(
        code === 'EACCES'
          ? `The data in ${data} belong to another user: run as that user, or give them to this one.`
          : `${path}, ${what}, is missing: put it back, or move ${dirname(path)} away to begin anew.`,
      );
    }
  };
  const version = read(join(data, 'PG_VERSION'), 'which says what made the data');
  if (version !== binaries.majorVersion) {
    throw new LaunchFailure(
      `The data in ${data} were made by PostgreSQL ${version}, and this is ${binaries.majorVersion}: move them away to begin anew.`,
    );
  }
  return read(passwordFile, 'the password of the database');
}

/** The parts of a program that the server and `initdb` share. */
export const postgresProgram = ({ binaries, identity }: Place): Program => ({
  name: 'postgres',
  rank: 'postgres',
  command: binaries.postgres,
  args: [],
  environment: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_MESSAGES: 'C' },
  identity,
  // SIGINT is a fast shutdown: Postgres ends sessions and writes a checkpoint.
  stopSignal: 'SIGINT',
  stopWithinMs: STOP_WITHIN_MS,
  // A connection that comes too early gets FATAL "starting up", which is no error.
  levelOf: (line) => (/\b(FATAL|PANIC):(?!.*starting up)/.test(line) ? 'error' : 'debug'),
});

const WITHIN_MS = 15_000;

/**
 * Prepares the data for a start: stops a server of an earlier run that still uses them, or removes the lock of one that is gone.
 * @throws LaunchFailure
 */
export async function clearPostgresLock(dataDirectory: string, log: Log): Promise<void> {
  const lock = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  // The system may have given this pid to another program since: that one must not be stopped.
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
