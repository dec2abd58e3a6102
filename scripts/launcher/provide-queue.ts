import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { Program } from './program.js';
import type { Database, Site, Store } from './provide-database.js';
import { portAnswers } from './readiness.js';

const SERVERS = ['redis-server', 'valkey-server'];
const STOP_WITHIN_MS = 5_000;

/** A queue server that this launch starts. */
export interface QueueServer {
  readonly program: Program;
  readonly url: string;
  /** Removes its temporary directory. */
  cleanUp(): void;
}

/** The path of a Redis or Valkey server on the PATH; undefined without one. */
export function findQueueServer(path = process.env['PATH'] ?? ''): string | undefined {
  return SERVERS.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name))).find(
    isExecutable,
  );
}

/** The settings let the server write nothing to disk, and drop no job when its memory is full. */
export function queueServer(command: string, port: number): QueueServer {
  const directory = mkdtempSync(join(tmpdir(), 'aurra-queue-'));
  const password = randomBytes(24).toString('base64url');
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir "${directory}"`,
    'save ""',
    'appendonly no',
    'maxmemory-policy noeviction',
    `requirepass ${password}`,
  ];
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    cleanUp: () => rmSync(directory, { recursive: true, force: true }),
    program: {
      name: 'queue',
      rank: 'queue',
      command,
      // The settings go through standard input: every user of the machine can read arguments, and the password is in them.
      args: ['-'],
      input: `${settings.join('\n')}\n`,
      environment: { PATH: process.env['PATH'] ?? '' },
      stopSignal: 'SIGTERM',
      stopWithinMs: STOP_WITHIN_MS,
      levelOf: (line, stream) =>
        stream === 'stderr' || /fatal|can't|could not|bad directive/i.test(line)
          ? 'error'
          : 'debug',
    },
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Uses `QUEUE_URL`, else a Redis or Valkey server that this launch starts, else Postgres. */
export async function provideQueue(site: Site, database: Database): Promise<Store> {
  const { settings, addresses, surroundings, stopping } = site;
  if (settings.QUEUE_URL !== undefined) {
    return { url: settings.QUEUE_URL, description: 'the one that QUEUE_URL names' };
  }
  const command = findQueueServer();
  if (command === undefined) {
    surroundings.log.warn(
      'No redis-server or valkey-server on the PATH: the queue is kept in Postgres, which is slower.',
    );
    return { url: database.queueUrl, description: 'in Postgres' };
  }
  const server = queueServer(command, addresses.queue.port);
  site.cleanUp(() => server.cleanUp());
  await site.start(server.program);
  await portAnswers(addresses.queue.port, stopping);
  return { url: server.url, description: `${command}, in memory` };
}
