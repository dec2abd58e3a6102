import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { Program } from './program.js';

const SERVERS = ['redis-server', 'valkey-server'];
const STOP_WITHIN_MS = 5_000;

/** A queue server of our own, ready to be started. */
export interface QueueServer {
  readonly program: Program;
  readonly url: string;
  /** Removes what it needed while it ran. */
  cleanUp(): void;
}

/** @returns where a server is that BullMQ can run on, if the PATH has one. */
export function findQueueServer(path = process.env['PATH'] ?? ''): string | undefined {
  return SERVERS.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name))).find(
    isExecutable,
  );
}

/** Without persistence and never dropping a job: the queue keeps nothing on disk. */
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
      // Settings by standard input: arguments, and a password in them, are everybody's to read.
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
