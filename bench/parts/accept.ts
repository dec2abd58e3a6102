import { figure } from '../figures.js';
import { loadClient } from '../load.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import { type Provider, startProvider } from '../provider.js';
import { compareRounds, costTable, type Rounds } from '../rounds.js';
import { type Cost, costOf, cpuUs, type Side, startBareSide, startProductSide } from '../sides.js';
import { newWrite } from '../writes.js';

const CONNECTIONS = 32;
const ROUND_MS = 4_000;

/** Asynchronous writes that a gateway accepts, against a bare program. No worker runs. */
export const accept: Part = {
  name: 'accept',
  title: 'Asynchronous writes accepted',
  run: async (options) => {
    const provider = await startProvider();
    const sides = await Promise.all([
      startProductSide({ provider, withWorker: false }),
      startBareSide({ provider, withWorker: false }),
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
  const results: Record<string, Rounds> = {};
  for (const [kind, llm] of [
    ['without `llm`', undefined],
    ['with `llm`', provider.llm],
  ] as const) {
    results[kind] = await compareRounds(rounds, sides, async (side, round) => {
      step(`accept ${kind}, ${round}: ${side.name}`);
      return acceptFor(side, llm);
    });
  }
  const ratios = (kind: string, of: (cost: Cost) => number): readonly number[] =>
    (results[kind] ?? []).map(({ product, bare }) => of(product) / of(bare));
  const goals: Readonly<Record<string, string>> = {
    'without `llm`': '≥ 1.1, aim 1.3',
    'with `llm`': '≥ 0.95, aim 1.15',
  };
  return {
    figures: Object.keys(results).flatMap((kind) => [
      figure(
        `accepted ÷ bare program, ${kind}, by requests a second`,
        goals[kind] ?? '',
        ratios(kind, ({ perSecond }) => perSecond),
      ),
      figure(
        `accepted ÷ bare program, ${kind}, by CPU (bare ÷ product)`,
        goals[kind] ?? '',
        ratios(kind, (cost) => 1 / cpuUs(cost)),
      ),
    ]),
    details: costTable(results),
  };
}

async function acceptFor(side: Side, llm: object | undefined): Promise<Cost> {
  const client = loadClient(side.url, CONNECTIONS);
  const before = await side.counts();
  const begun = performance.now();
  const sent = await client.run(
    () => newWrite(side, llm),
    () => performance.now() - begun >= ROUND_MS,
  );
  const seconds = (performance.now() - begun) / 1_000;
  const cost = costOf(before, await side.counts(), sent, seconds);
  await client.close();
  // The next round starts with an empty queue and an empty table, on both sides.
  await side.servers.emptyQueue();
  await side.servers.sql('truncate writes cascade');
  return cost;
}
