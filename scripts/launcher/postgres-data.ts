import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { HomeDirectory } from './home-directory.js';
import { LaunchFailure } from './launch-failure.js';
import {
  binariesIn,
  copyBinaries,
  installedBinaries,
  type PostgresBinaries,
} from './postgres-binaries.js';
import { canReach, openDirectoryFor, postgresUser } from './postgres-user.js';
import type { Identity, Program } from './program.js';
import { runProgram, type Surroundings } from './spawn-program.js';

export const POSTGRES_USER = 'aurra';
const STOP_WITHIN_MS = 20_000;

/** Where the server's data and programs are, and who runs it. */
export interface Place {
  readonly data: string;
  readonly passwordFile: string;
  readonly binaries: PostgresBinaries;
  readonly identity: Identity | undefined;
}

/** As root the server runs as another user, who may not be able to enter the checkout. */
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
  // Built aside and moved into place: a directory that is there is complete.
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
        // Stated, or they come from the environment: with an empty one the database would be SQL_ASCII.
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

/** Full text search asks the locale what a letter is, so C will not do. macOS has no C.UTF-8. */
const LOCALE =
  process.platform === 'darwin'
    ? ['--locale', 'C', '--lc-ctype', 'en_US.UTF-8']
    : ['--locale', 'C.UTF-8'];

/** The password of data that this server can open. @throws LaunchFailure */
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

/** What the server and `initdb` have in common. */
export const postgresProgram = ({ binaries, identity }: Place): Program => ({
  name: 'postgres',
  rank: 'postgres',
  command: binaries.postgres,
  args: [],
  environment: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_MESSAGES: 'C' },
  identity,
  // Fast shutdown: ends sessions and writes a checkpoint.
  stopSignal: 'SIGINT',
  stopWithinMs: STOP_WITHIN_MS,
  // "starting up" is what it answers to whoever asks too early.
  levelOf: (line) => (/\b(FATAL|PANIC):(?!.*starting up)/.test(line) ? 'error' : 'debug'),
});
