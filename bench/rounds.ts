import { median, shown, table } from './figures.js';
import { type Cost, cpuUs, type Side } from './sides.js';

/** The costs of both sides in each round. */
export type Rounds = readonly { readonly product: Cost; readonly bare: Cost }[];

/**
 * Measures both sides in turn, round by round: what disturbs the machine for a while disturbs both. The sides take turns at
 * going first. The round before the first one warms up and is not counted.
 */
export async function compareRounds(
  rounds: number,
  sides: readonly Side[],
  measure: (side: Side, round: string) => Promise<Cost>,
): Promise<Rounds> {
  const results: { product: Cost; bare: Cost }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const costs: Partial<Record<Side['name'], Cost>> = {};
    const name = round === 0 ? 'warming up' : `round ${round} of ${rounds}`;
    for (const side of round % 2 === 0 ? sides : sides.toReversed())
      costs[side.name] = await measure(side, name);
    const { product, bare } = costs;
    if (round > 0 && product && bare) results.push({ product, bare });
  }
  return results;
}

/** The medians behind the ratios: requests a second, CPU of each kind of process, statements and commands of one request. */
export function costTable(results: Readonly<Record<string, Rounds>>): readonly string[] {
  const head = ['', 'a second', 'CPU µs', 'apps', 'Postgres', 'Redis', 'statements', 'commands'];
  const rows = Object.entries(results).flatMap(([kind, rounds]) =>
    (['product', 'bare'] as const).map((name) => {
      const middle = (of: (cost: Cost) => number): string =>
        shown(median(rounds.map((round) => of(round[name]))));
      return [
        `${name}, ${kind}`,
        middle(({ perSecond }) => perSecond),
        middle(cpuUs),
        middle(({ appsUs }) => appsUs),
        middle(({ postgresUs }) => postgresUs),
        middle(({ redisUs }) => redisUs),
        middle(({ statements }) => statements),
        middle(({ commands }) => commands),
      ];
    }),
  );
  return table(head, rows);
}
