import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

import type { TestProject } from 'vitest/node';

import { freePort } from './ports.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of this run's Redis, which has no persistence. Each test file uses a prefix of its own. */
    redisUrl: string;
  }
}

const SERVERS = ['redis-server', 'valkey-server'];

/** Starts one Redis for the run and stops it at its end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const program = findServer() ?? installServer();
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'aurra-redis-'));
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    // Tests search dumps for caller keys, which compression would hide.
    rdbcompression: 'no',
  };
  const server = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(server, 'exit');
  for await (const line of createInterface(server.stdout))
    if (/Ready to accept connections/i.test(line)) break;
  server.stdout.resume();
  if (server.exitCode !== null)
    throw new Error(`${program} ended with ${server.exitCode} before it was ready.`);
  project.provide('redisUrl', `redis://127.0.0.1:${port}`);
  return async () => {
    server.kill('SIGTERM');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
}

function findServer(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return SERVERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs the server, or fails with one line that says what to install: no tier is skipped without a message. */
function installServer(): string {
  const canInstall = process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get');
  if (!canInstall)
    throw new Error(
      'The tests need Redis: install redis-server or valkey-server so that it is on the PATH.',
    );
  execFileSync('apt-get', ['update'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], {
    stdio: 'ignore',
  });
  const installed = findServer();
  if (!installed) throw new Error('redis-server was installed but is not on the PATH.');
  return installed;
}
