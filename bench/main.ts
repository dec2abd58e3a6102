/** `npm run bench`: measures the product beside a bare program. README.md in this folder explains the figures. */
import 'reflect-metadata';

import { intro, log, outro } from '@clack/prompts';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import './clean-up.js';
import type { Part } from './part.js';
import { accept } from './parts/accept.js';
import { drain } from './parts/drain.js';
import { latency } from './parts/latency.js';
import { mem0 } from './parts/mem0.js';
import { memory } from './parts/memory.js';
import { scale } from './parts/scale.js';
import { renderResult, writeResult } from './report.js';

const PARTS: readonly Part[] = [accept, drain, latency, memory, scale, mem0];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    memories: { type: 'string', default: '1000000' },
    'mem0-folder': { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : PARTS.map(({ name }) => name);
const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  log.error(
    `No such part: ${unknown.join(', ')}. There are: ${PARTS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}

intro(`Benchmark: ${names.join(', ')}. Load of this machine: ${load()}`);
try {
  for (const part of PARTS.filter(({ name }) => names.includes(name))) await runPart(part);
} catch (error) {
  log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
outro('Done.');
process.exit(0);

async function runPart(part: Part): Promise<void> {
  log.step(part.title);
  const begun = Date.now();
  const before = load();
  const result = await part.run({
    rounds: wholeNumber('rounds'),
    memories: wholeNumber('memories'),
    mem0Folder: values['mem0-folder'],
    step: (text) => log.message(text, { spacing: 0 }),
  });
  const lines = renderResult(result, `${before} before, ${load()} after`);
  log.success(lines.join('\n'));
  log.info(`${Math.round((Date.now() - begun) / 1_000)} seconds`);
  if (values.write) writeResult(part, lines);
}

function wholeNumber(name: 'rounds' | 'memories'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) {
    log.error(`--${name} must be a whole number.`);
    process.exit(1);
  }
  return value;
}

function load(): string {
  return loadavg()
    .map((figure) => figure.toFixed(1))
    .join(' ');
}
