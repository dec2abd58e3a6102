import { type Caller, callerOf } from '../call.js';
import { type Figure, median, percentile, shown, table } from '../figures.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import { type Product, startProduct } from '../product.js';
import { type Provider, startProvider } from '../provider.js';
import { newQuestion, seedMemories } from '../seed.js';
import { startServers, type Servers } from '../servers.js';
import { newConversation } from '../writes.js';

const CALLS_IN_A_ROUND = 60;
const WARM_UP_CALLS = 40;
const COUNTED_CALLS = 20;
const LARGE = { tenant: 'large', memories: 3_000 };
const SMALL = { tenant: 'small', memories: 100 };

/** One kind of call. With a provider: its time is not the product's own. */
interface Kind {
  readonly name: string;
  readonly goals: readonly [p50: string, p99: string];
  readonly hasProvider: boolean;
  send(): Promise<number>;
}

/** Calls one at a time, of all kinds in turn. */
export const latency: Part = {
  name: 'latency',
  title: 'One call at a time',
  run: async (options) => {
    const [provider, servers] = await Promise.all([startProvider(), startServers()]);
    const apps = ['gateway', 'extraction-worker', 'query-worker'] as const;
    const product = await startProduct({ servers, apps, providerHost: provider.host });
    try {
      for (const { tenant, memories } of [LARGE, SMALL]) {
        const step = (text: string): void => options.step(`tenant ${tenant}: ${text}`);
        await seedMemories(servers, { accountId: product.accountId, tenant, memories, step });
      }
      return await measure(options, provider, servers, product);
    } finally {
      await product.stop();
      await servers.close();
      await provider.stop();
    }
  },
};

function kindsOf(caller: Caller, { llm }: Provider): readonly Kind[] {
  let counter = 0;
  const asked = () => ({ tenant_id: SMALL.tenant, question: newQuestion(), llm });
  return [
    {
      name: 'synchronous write with `llm`, own share',
      goals: ['≤ 7.5, aim 5', '≤ 25, aim 13'],
      hasProvider: true,
      send: () => caller.timed('/agent/memories', { ...newConversation(), llm }),
    },
    {
      name: 'synchronous question with `llm`, own share',
      goals: ['≤ 7.5, aim 5', '≤ 25, aim 13'],
      hasProvider: true,
      send: () => caller.timed('/agent/query', asked()),
    },
    {
      name: 'first delta of a streamed question, own share',
      goals: ['≤ 8, aim 5', ''],
      hasProvider: true,
      send: () => caller.timedUntil('/agent/query', asked(), 'event: delta'),
    },
    {
      name: 'content write',
      goals: ['≤ 3, aim 2', ''],
      hasProvider: false,
      send: () =>
        caller.timed('/agent/memories', {
          tenant_id: 'content',
          content: `Fact ${(counter += 1)} of the benchmark is about bakery ${counter} in Lisbon.`,
        }),
    },
    {
      name: `search in ${LARGE.memories.toLocaleString('en')} memories`,
      goals: ['≤ 3, aim 2', ''],
      hasProvider: false,
      send: () =>
        caller.timed('/agent/search', { tenant_id: LARGE.tenant, question: newQuestion() }),
    },
  ];
}

async function measure(
  { rounds, step }: PartOptions,
  provider: Provider,
  servers: Servers,
  { url, apiKey }: Product,
): Promise<PartResult> {
  const caller = callerOf(url, { authorization: `Bearer ${apiKey}` });
  const kinds = kindsOf(caller, provider);
  step('warming up');
  await sendInTurn(kinds, provider, WARM_UP_CALLS);
  const measured: ReadonlyMap<Kind, number[]>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    step(`latency, round ${round} of ${rounds}`);
    measured.push(await sendInTurn(kinds, provider, CALLS_IN_A_ROUND));
  }
  const rows: string[][] = [];
  for (const kind of kinds) {
    step(`counting: ${kind.name}`);
    rows.push([kind.name, ...(await countsOf(kind, servers))]);
  }
  await caller.close();
  return {
    figures: kinds.flatMap((kind) => figuresOf(kind, measured)),
    details: table(['One call', 'statements', 'Redis commands'], rows),
  };
}

/** @returns the own share of each call, by kind. The provider answers in the order of the calls. */
async function sendInTurn(
  kinds: readonly Kind[],
  provider: Provider,
  calls: number,
): Promise<ReadonlyMap<Kind, number[]>> {
  await provider.takeTimes();
  const sent: { readonly kind: Kind; readonly ms: number }[] = [];
  for (let call = 0; call < calls; call += 1)
    for (const kind of kinds) sent.push({ kind, ms: await kind.send() });
  const providerMs = [...(await provider.takeTimes())];
  const expected = sent.filter(({ kind }) => kind.hasProvider).length;
  if (providerMs.length !== expected)
    throw new Error(`The provider got ${providerMs.length} calls instead of ${expected}.`);
  const shares = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (const { kind, ms } of sent)
    shares.get(kind)?.push(kind.hasProvider ? ms - (providerMs.shift() ?? 0) : ms);
  return shares;
}

function figuresOf(
  kind: Kind,
  measured: readonly ReadonlyMap<Kind, number[]>[],
): readonly Figure[] {
  const rounds = measured.map((shares) => shares.get(kind) ?? []);
  const of = (name: string, goal: string, share: number): Figure => {
    const each = rounds.map((round) => percentile(round, share));
    const value = percentile(rounds.flat(), share);
    const unit = 'ms';
    return { name, goal, value, least: Math.min(...each), most: Math.max(...each), unit };
  };
  const [p50, p99] = kind.goals;
  return [of(`${kind.name}, p50`, p50, 0.5), of(`${kind.name}, p99`, p99, 0.99)];
}

/** Statements and commands of one call: the median of several calls, because upkeep may run beside one of them. */
async function countsOf(kind: Kind, servers: Servers): Promise<readonly string[]> {
  const statements: number[] = [];
  const commands: number[] = [];
  for (let call = 0; call < COUNTED_CALLS; call += 1) {
    const before = await servers.counts();
    await kind.send();
    const after = await servers.counts();
    statements.push(after.statements - before.statements);
    commands.push(after.commands - before.commands);
  }
  return [shown(median(statements)), shown(median(commands))];
}
