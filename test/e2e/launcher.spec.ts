import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { endProcess, isAlive } from '../../scripts/launcher/processes.js';

const READY_MS = 60_000;
const GONE_MS = 20_000;

/** One launcher, in a directory of its own. */
interface Launcher {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown[]>;
  /** Everything that it has printed so far. */
  text(): string;
}

interface Watched {
  readonly name: string;
  readonly pid: number;
}

let directory: string;
const launchers: Launcher[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'aurra-launcher-'));
});

afterEach(async () => {
  // A test that failed half-way leaves nothing to the next.
  for (const { process: child, exited } of launchers.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  }
});

afterAll(async () => {
  // Empty, unless the launcher failed at what is tested here.
  for (const { pid } of watched()) await endProcess(pid, 'SIGKILL', GONE_MS);
  rmSync(directory, { recursive: true, force: true });
});

function launch(environment: Readonly<Record<string, string>> = {}): Launcher {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), resolve('scripts/start.ts')],
    {
      cwd: directory,
      env: {
        PATH: process.env['PATH'] ?? '',
        TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
        PORT: '0',
        OPS_PORT: '0',
        ...environment,
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  const launcher = { process: child, exited: once(child, 'close'), text: () => text };
  launchers.push(launcher);
  return launcher;
}

async function ready(launcher: Launcher): Promise<string> {
  await vi.waitFor(
    () => {
      if (launcher.process.exitCode !== null) return;
      expect(launcher.text()).toContain('Stop: Ctrl-C');
    },
    { timeout: READY_MS, interval: 100 },
  );
  return launcher.text();
}

function watched(): Watched[] {
  const file = join(directory, '.aurra', 'processes.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Watched[]) : [];
}

const stillAlive = (processes: readonly Watched[]): string[] =>
  processes.filter(({ pid }) => isAlive(pid)).map(({ name }) => name);

/** The command under that heading, exactly as it would be pasted. */
async function paste(page: string, heading: string): Promise<unknown> {
  const command = page.slice(page.indexOf(heading)).match(/^curl [^]*?\}'$/m)?.[0] ?? '';
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', command]);
  return JSON.parse(stdout);
}

const apiKeyOf = (page: string): string => /Demo API key\s+(\S+)/.exec(page)?.[1] ?? '';
const urlOf = (page: string): string => /API\s+(http\S+)/.exec(page)?.[1] ?? '';

describe('npm start', () => {
  it(
    'starts in an empty directory, serves the commands that it prints, and leaves no process',
    async () => {
      const launcher = launch();
      const page = await ready(launcher);

      expect(await paste(page, '# Remember a conversation.')).toMatchObject({
        status: 'extracted',
        memories: expect.arrayContaining([
          expect.objectContaining({ decision: expect.stringContaining('hazelnuts') as string }),
        ]) as unknown,
      });
      expect(await paste(page, '# Ask about it.')).toMatchObject({
        grounded: true,
        answer: expect.stringContaining('hazelnuts') as string,
        answer_with_citations: expect.stringMatching(/\[mem-\d+\]/) as string,
      });
      expect(statSync(join(directory, '.aurra', 'demo-api-key')).mode & 0o777).toBe(0o600);

      // 127.0.0.2 is this machine as well: what listens everywhere answers there.
      const ports = [/API\s+http:\S+:(\d+)/, /Bull Board\s+http:\S+:(\d+)/].map(
        (pattern) => pattern.exec(page)?.[1],
      );
      for (const port of ports)
        await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toThrow('fetch failed');

      const running = watched();
      expect(stillAlive(running)).toEqual(running.map(({ name }) => name));
      launcher.process.kill('SIGINT');
      launcher.process.kill('SIGINT');
      expect(await launcher.exited).toEqual([0, null]);
      expect(stillAlive(running)).toEqual([]);
      expect(launcher.text()).not.toMatch(/ (error|fatal) /);
    },
    READY_MS + GONE_MS,
  );

  it(
    'keeps its data, restarts a crashed process, and ends every process when it is killed',
    async () => {
      const launcher = launch();
      const page = await ready(launcher);
      const headers = { authorization: `Bearer ${apiKeyOf(page)}` };
      const listed = await fetch(`${urlOf(page)}/agent/memories?tenant_id=dana`, { headers });
      expect(await listed.text()).toContain('hazelnuts');

      const second = launch();
      expect(await second.exited).toEqual([1, null]);
      expect(second.text().trim().split('\n')).toEqual([
        expect.stringContaining('Aurra is already running here'),
      ]);

      const gateway = watched().find(({ name }) => name === 'gateway');
      process.kill(gateway?.pid ?? 0, 'SIGKILL');
      await vi.waitFor(
        async () => {
          const answer = await fetch(`${urlOf(page)}/health/ready`);
          expect(answer.status).toBe(200);
        },
        { timeout: GONE_MS, interval: 200 },
      );
      expect(launcher.text()).toContain('gateway crashed (SIGKILL): starting it again');

      const running = watched();
      expect(running.map(({ name }) => name)).toContain('postgres');
      launcher.process.kill('SIGKILL');
      await launcher.exited;
      await vi.waitFor(() => expect(stillAlive(running)).toEqual([]), { timeout: GONE_MS });
    },
    READY_MS + 3 * GONE_MS,
  );

  it('says in one line that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const launcher = launch({ PORT: port });
    expect(await launcher.exited).toEqual([1, null]);
    other.close();
    expect(launcher.text().trim().split('\n')).toEqual([
      expect.stringContaining(`Port ${port} is in use: stop what listens there, or set PORT.`),
    ]);
  });
});
