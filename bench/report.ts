import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

import { shown, table } from './figures.js';
import type { Part, PartResult } from './part.js';
import { serverVersions } from './servers.js';

const README = join(import.meta.dirname, 'README.md');

/** The figures of one part as Markdown, with the day and the machine. */
export function renderResult({ figures, details }: PartResult, load: string): readonly string[] {
  const rows = figures.map(({ name, value, least, most, unit, goal }) => [
    name,
    `**${shown(value, unit)}**`,
    `${shown(least)}–${shown(most)}`,
    goal,
  ]);
  return [
    ...table(['Figure', 'Median', 'Least–most', 'Goal'], rows),
    '',
    ...details,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${machine()}. Load average: ${load}.`,
  ];
}

function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GB`;
  const { postgres, redis } = serverVersions();
  const versions = `Node ${process.versions.node}, Postgres ${postgres}, Redis ${redis}`;
  return `${cpus().length} cores of ${cpu?.model.trim() ?? 'an unknown CPU'}, ${memory}, ${versions}`;
}

/** Replaces the figures of the part in README.md, between the markers of that part. */
export function writeResult({ name }: Part, lines: readonly string[]): void {
  const readme = readFileSync(README, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no markers for ${name}.`);
  const written =
    readme.slice(0, from + begin.length) + `\n${lines.join('\n')}\n` + readme.slice(to);
  writeFileSync(README, written);
}
