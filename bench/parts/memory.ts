import { setTimeout as delay } from 'node:timers/promises';

import { memoryOf } from '../cpu.js';
import { figure, shown, table } from '../figures.js';
import { loadClient } from '../load.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import type { BenchProcess } from '../processes.js';
import { type Product, startProduct } from '../product.js';
import { type Provider, startProvider } from '../provider.js';
import { OWN, type Servers, startServers } from '../servers.js';
import { newWrite } from '../writes.js';

const IN_FLIGHT = [2_000, 2_200];
const CONNECTIONS = 32;
const REACHED_WITHIN_MS = 60_000;
const SETTLE_MS = 2_000;
const POLL_MS = 200;

/** What a worker needs to hold so many calls: all of them belong to one account. */
const SETTINGS = { WORKER_CONCURRENCY: String(Math.max(...IN_FLIGHT)), LLM_TIMEOUT_MS: '300000' };

/** Calls of a provider that one extraction worker holds open, and its memory meanwhile. */
export const memory: Part = {
  name: 'memory',
  title: 'Memory of one worker with calls in flight',
  run: async (options) => {
    const [provider, servers] = await Promise.all([startProvider(), startServers()]);
    const product = await startProduct({
      servers,
      apps: ['gateway', 'extraction-worker'],
      providerHost: provider.host,
      environment: SETTINGS,
    });
    try {
      return await measure(options, provider, servers, product);
    } finally {
      await product.stop();
      await servers.close();
      await provider.stop();
    }
  },
};

async function measure(
  { step }: PartOptions,
  provider: Provider,
  servers: Servers,
  product: Product,
): Promise<PartResult> {
  const worker = product.apps['extraction-worker'];
  if (worker === undefined) throw new Error('The worker does not run.');
  const idle = memoryOf(worker.pid).now;
  await provider.hold();
  const client = loadClient(product.url, CONNECTIONS);
  const rows: string[][] = [['idle', '0', shown(idle, 'MB')]];
  const megabytes: number[] = [];
  let accepted = 0;
  for (const target of IN_FLIGHT) {
    step(`${target} calls in flight`);
    const more = target - accepted;
    accepted += await client.run(
      () => newWrite({ headers: { authorization: `Bearer ${product.apiKey}` } }, provider.llm),
      (sent) => sent >= more,
    );
    const held = await heldCalls(provider, target);
    await delay(SETTLE_MS);
    const { now } = memoryOf(worker.pid);
    megabytes.push(now);
    rows.push([`${target} writes accepted`, String(held), shown(now, 'MB')]);
  }
  await client.close();
  step('all answers at once');
  await provider.release();
  await untilEnded(servers, worker);
  rows.push(['peak, while the answers come back', '', shown(memoryOf(worker.pid).peak, 'MB')]);
  return {
    figures: [
      figure(
        `one worker with ${IN_FLIGHT[0]} calls in flight`,
        '≤ 320, aim 280',
        megabytes.slice(0, 1),
        'MB',
      ),
    ],
    details: [
      ...table(['The worker', 'calls in flight', 'resident memory'], rows),
      '',
      `Settings of the worker: ${Object.entries(SETTINGS)
        .map(([name, value]) => `\`${name}=${value}\``)
        .join(', ')}.`,
    ],
  };
}

/** @returns how many calls the provider holds, once they are as many as expected or no longer become more. */
async function heldCalls(provider: Provider, expected: number): Promise<number> {
  let held = 0;
  for (const end = Date.now() + REACHED_WITHIN_MS; Date.now() < end; await delay(POLL_MS)) {
    held = await provider.countHeld();
    if (held >= expected) return held;
  }
  return held;
}

async function untilEnded(servers: Servers, worker: BenchProcess): Promise<void> {
  const open = `select ${OWN} count(*)::int as open from writes where state in ('queued', 'running')`;
  for (const end = Date.now() + REACHED_WITHIN_MS * 2; Date.now() < end; await delay(POLL_MS)) {
    const [row] = await servers.sql<{ open: number }>(open);
    if (row?.open === 0) return;
  }
  throw new Error(`The writes did not end in time:\n${worker.output()}`);
}
