import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { endAtExit, hasEnded, runDirectory } from '../clean-up.js';
import { figure, median, shown, table } from '../figures.js';
import { loadClient } from '../load.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import { type BenchProcess, startProgram } from '../processes.js';
import { type Provider, startProvider } from '../provider.js';
import { OWN } from '../servers.js';
import { type Side, startProductSide } from '../sides.js';
import { newWrite } from '../writes.js';

const PACKAGES = { mem0ai: '3.3.1', pg: '8.23.1' };

/**
 * mem0 keeps its vectors and its history in SQLite, through a package with native code. Node's own SQLite stands in for
 * that package: nothing has to be compiled for this version of Node.
 */
const SQLITE = `
const { DatabaseSync } = require('node:sqlite');
module.exports = class extends DatabaseSync {
  transaction(work) {
    return (...values) => {
      this.exec('begin');
      const result = work(...values);
      this.exec('commit');
      return result;
    };
  }
};
`;
const LANES = 32;
/** Few: each add searches all vectors of the store, so the store is slower with each of them. Each round has a new one. */
const ADDS = 20;
const WRITES = 1_500;
const POLL_MS = 100;
const SEARCHABLE_WITHIN_MS = 120_000;

/** Writes until they are searchable, against the adds of mem0 with the same simulator. */
export const mem0: Part = {
  name: 'mem0',
  title: 'Writes to searchable, beside mem0',
  run: async (options) => {
    const folder = options.mem0Folder ?? (await installMem0(options));
    const provider = await startProvider();
    const environment = {
      MEM0_FOLDER: folder,
      BASE_URL: `http://${provider.host}/v1`,
      LANES: String(LANES),
      // It must not report this run, and what it keeps in the home directory goes with the run.
      MEM0_TELEMETRY: 'false',
      HOME: runDirectory,
    };
    const other = await startProgram('mem0-process.ts', environment);
    const side = await startProductSide({ provider, withWorker: true });
    try {
      return await measure(options, provider, side, other);
    } finally {
      await other.stop();
      await side.close();
      await provider.stop();
    }
  },
};

/** Installs mem0 outside of the repository, which must not depend on it. */
async function installMem0({ step }: PartOptions): Promise<string> {
  step('installing mem0ai');
  const folder = join(runDirectory, 'mem0');
  mkdirSync(folder);
  const manifest = { name: 'bench-mem0', private: true, dependencies: PACKAGES };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (npm.pid !== undefined) endAtExit(npm.pid);
  const [code] = await once(npm, 'exit');
  if (npm.pid !== undefined) hasEnded(npm.pid);
  if (code !== 0) throw new Error('mem0ai could not be installed.');
  const sqlite = join(folder, 'node_modules/better-sqlite3');
  mkdirSync(sqlite);
  writeFileSync(join(sqlite, 'index.js'), SQLITE);
  return folder;
}

async function measure(
  { rounds, step }: PartOptions,
  provider: Provider,
  side: Side,
  other: BenchProcess,
): Promise<PartResult> {
  const ratios: number[] = [];
  const rates = { product: [] as number[], mem0: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    step(`mem0, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
    const theirs = ADDS / (await addToMem0(other));
    const ours = await writesToSearchable(side, provider);
    if (round === 0) continue;
    ratios.push(ours / theirs);
    rates.product.push(ours);
    rates.mem0.push(theirs);
  }
  return {
    figures: [figure('writes to searchable ÷ adds of mem0', '≥ 30, aim 50', ratios)],
    details: table(
      [`${LANES} at a time`, 'a second'],
      [
        ['product: accepted, extracted, searchable', shown(median(rates.product))],
        [
          `mem0ai ${PACKAGES.mem0ai}: the first ${ADDS} adds to an empty store`,
          shown(median(rates.mem0)),
        ],
      ],
    ),
  };
}

async function addToMem0(other: BenchProcess): Promise<number> {
  const answered = Promise.race([once(other.child, 'message'), once(other.child, 'exit')]);
  other.child.send(ADDS);
  const [seconds] = await answered;
  if (other.child.exitCode !== null) throw new Error(`mem0 failed:\n${other.output()}`);
  return seconds as number;
}

/** @returns the writes a second from the first request until the facts of the last write are searchable. */
async function writesToSearchable(side: Side, { llm }: Provider): Promise<number> {
  const client = loadClient(side.url, LANES);
  const begun = Date.now();
  const sent = await client.run(
    () => newWrite(side, llm),
    (already) => already >= WRITES,
  );
  await client.close();
  const state = `
    select ${OWN} count(*) filter (where state in ('queued', 'running'))::int as open,
           count(*) filter (where state in ('failed', 'cancelled'))::int as failed, max(finished_at) as last from writes`;
  for (const end = Date.now() + SEARCHABLE_WITHIN_MS; Date.now() < end; await delay(POLL_MS)) {
    const [row] = await side.servers.sql<{ open: number; failed: number; last: Date }>(state);
    if (row === undefined || row.failed > 0) throw new Error(`${row?.failed} writes failed.`);
    if (row.open === 0) return (sent * 1_000) / (row.last.getTime() - begun);
  }
  throw new Error('The writes were not searchable in time.');
}
