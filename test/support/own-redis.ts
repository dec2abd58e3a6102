import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { Redis } from 'ioredis';

import { freePorts } from './ports.js';

/** A Redis of one test file, for what would disturb the others. */
export interface OwnRedis {
  readonly url: string;
  /** An operator's connection. */
  readonly admin: Redis;
  stop(): Promise<void>;
}

/** @param settings beside, or in place of, those that Aurra asks for. */
export async function ownRedis(settings: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
  const [port = 0] = await freePorts(1);
  const given = {
    port: String(port),
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const words = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
  const server: ChildProcess = spawn(programOf(), words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  if (!server.stdout) throw new Error('A server without an output');
  for await (const line of createInterface(server.stdout))
    if (/Ready to accept connections/i.test(line)) break;
  server.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  const admin = new Redis(url).on('error', () => undefined);
  return {
    url,
    admin,
    stop: async () => {
      admin.disconnect();
      server.kill('SIGKILL');
      await exited;
    },
  };
}

/** The run's own Redis was found or installed before any test began. */
function programOf(): string {
  for (const name of ['redis-server', 'valkey-server']) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // The other one, then.
    }
  }
  throw new Error('There is neither redis-server nor valkey-server on the PATH.');
}
