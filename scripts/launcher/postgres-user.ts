import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { LaunchFailure, reasonOf } from './launch-failure.js';
import type { Identity } from './program.js';

/** Postgres refuses to run as root. It gets its own user where the machine has one, and nothing is changed where not. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Who the server runs as: ourselves, or, when we are root, whoever owns the data, or a user without rights.
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

/** Whether this user may pass through every parent of a directory that exists. */
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
 * A directory of our own that everybody can pass through, for a checkout in a home that is closed to others.
 * It is named after the checkout, so that the next run finds its data again.
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
