import { setTimeout as delay } from 'node:timers/promises';

import { figure } from '../figures.js';
import { loadClient } from '../load.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import { type Provider, startProvider } from '../provider.js';
import { compareRounds, costTable, type Rounds } from '../rounds.js';
import { OWN } from '../servers.js';
import { type Cost, costOf, cpuUs, type Side, startBareSide, startProductSide } from '../sides.js';
import { newWrite } from '../writes.js';

const CONNECTIONS = 32;
const WRITES = 2_000;
const POLL_MS = 200;
const DRAINED_WITHIN_MS = 120_000;

/** Accepted writes that one worker extracts, against a bare worker. The model answers at once with three facts. */
export const drain: Part = {
  name: 'drain',
  title: 'Accepted writes drained by one worker',
  run: async (options) => {
    const provider = await startProvider();
    const sides = await Promise.all([
      startProductSide({ provider, withWorker: true }),
      startBareSide({ provider, withWorker: true }),
    ]);
    try {
      return await measure(options, provider, sides);
    } finally {
      await Promise.all(sides.map((side) => side.close()));
      await provider.stop();
    }
  },
};

async function measure(
  { rounds, step }: PartOptions,
  provider: Provider,
  sides: readonly Side[],
): Promise<PartResult> {
  const accepting: Record<Side['name'], Cost[]> = { product: [], bare: [] };
  const drained = await compareRounds(rounds, sides, async (side, round) => {
    step(`drain, ${round}: ${side.name}`);
    const costs = await acceptAndDrain(side, provider);
    accepting[side.name].push(costs.accepted);
    return costs.drained;
  });
  // The first accepted writes belong to the round that warms up.
  const accepted: Rounds = drained.map((_, index) => ({
    product: accepting.product[index + 1] ?? missing(),
    bare: accepting.bare[index + 1] ?? missing(),
  }));
  const whole = drained.map(({ product, bare }, index) => {
    const first = accepted[index] ?? missing();
    return (cpuUs(product) + cpuUs(first.product)) / (cpuUs(bare) + cpuUs(first.bare));
  });
  return {
    figures: [
      figure(
        'drained ÷ bare worker, by writes a second',
        '≥ 1.15, aim 1.4',
        drained.map(({ product, bare }) => product.perSecond / bare.perSecond),
      ),
      figure(
        'drained ÷ bare worker, by CPU (bare ÷ product)',
        '≥ 1.15, aim 1.4',
        drained.map(({ product, bare }) => cpuUs(bare) / cpuUs(product)),
      ),
      figure('CPU of a write, accepted and extracted ÷ bare pair', '≤ 1.1, aim 0.9', whole),
    ],
    details: costTable({ 'while accepting': accepted, 'while draining': drained }),
  };
}

/** The worker gets no CPU while the writes are accepted. So both phases are measured apart, with a worker that is warm. */
async function acceptAndDrain(
  side: Side,
  { llm }: Provider,
): Promise<{ readonly accepted: Cost; readonly drained: Cost }> {
  const { servers, worker } = side;
  worker?.pause();
  const before = await side.counts();
  const begun = performance.now();
  const client = loadClient(side.url, CONNECTIONS);
  const sent = await client.run(
    () => newWrite(side, llm),
    (already) => already >= WRITES,
  );
  const acceptSeconds = (performance.now() - begun) / 1_000;
  await client.close();
  const between = await side.counts();

  const resumed = Date.now();
  worker?.resume();
  await untilDrained(side);
  const after = await side.counts();
  const [last] = await servers.sql<{ at: Date; failed: number }>(
    `select ${OWN} max(finished_at) as at, count(*) filter (where state <> 'succeeded')::int as failed from writes`,
  );
  if (last === undefined || last.failed > 0) throw new Error(`${last?.failed} writes failed.`);
  return {
    accepted: costOf(before, between, sent, acceptSeconds),
    drained: costOf(between, after, sent, (last.at.getTime() - resumed) / 1_000),
  };
}

async function untilDrained({ name, servers, worker }: Side): Promise<void> {
  const left = `select ${OWN} count(*)::int as left from writes where state in ('queued', 'running')`;
  for (const end = Date.now() + DRAINED_WITHIN_MS; Date.now() < end; await delay(POLL_MS)) {
    const [row] = await servers.sql<{ left: number }>(left);
    if (row?.left === 0) return;
  }
  throw new Error(`The ${name}'s worker did not drain in time:\n${worker?.output()}`);
}

function missing(): never {
  throw new Error('A round has no figures.');
}
