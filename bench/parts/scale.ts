import { type Caller, callerOf } from '../call.js';
import { figure, median, shown, table } from '../figures.js';
import type { Part, PartOptions, PartResult } from '../part.js';
import { type Product, startProduct } from '../product.js';
import { newQuestion, seedMemories } from '../seed.js';
import { type Servers, startServers } from '../servers.js';

const SMALL = 10_000;
const TENANT = 'scale';
const CALLS = 30;
const CHAIN = 10;
/** The same questions on both sides. */
const QUESTIONS = Array.from({ length: CALLS }, () => newQuestion());

interface Size {
  readonly name: string;
  readonly servers: Servers;
  readonly product: Product;
  readonly caller: Caller;
  /** The last memory of a chain. */
  chained: string;
}

/** Reads in one large tenant, against the same reads in a small one. Each has a product and a database of its own. */
export const scale: Part = {
  name: 'scale',
  title: 'Reads in a large tenant',
  run: async (options) => {
    const sizes: Size[] = [];
    try {
      for (const memories of [options.memories, SMALL])
        sizes.push(await startSize(memories, options));
      return await measure(options, sizes);
    } finally {
      for (const { caller, product, servers } of sizes) {
        await caller.close();
        await product.stop();
        await servers.close();
      }
    }
  },
};

async function startSize(memories: number, { step }: PartOptions): Promise<Size> {
  const servers = await startServers();
  const apps = ['gateway'] as const;
  const product = await startProduct({ servers, apps, providerHost: '127.0.0.1:9' });
  const { accountId } = product;
  await seedMemories(servers, { accountId, tenant: TENANT, memories, step });
  const caller = callerOf(product.url, { authorization: `Bearer ${product.apiKey}` });
  const size: Size = {
    name: memories.toLocaleString('en'),
    servers,
    product,
    caller,
    chained: '',
  };
  size.chained = await makeChain(caller);
  return size;
}

/** Supersedes one memory by the next, so that the timeline has a chain to follow. */
async function makeChain(caller: Caller): Promise<string> {
  const listed = await caller.json(`/agent/memories?tenant_id=${TENANT}&limit=${CHAIN}`);
  const { memories } = listed as { readonly memories: readonly { readonly id: string }[] };
  const ids = memories.map(({ id }) => id).toReversed();
  for (const [index, id] of ids.entries()) {
    const successor = ids[index + 1];
    if (successor !== undefined)
      await caller.json(`/memories/${id}/supersede`, { superseded_by: successor });
  }
  return ids.at(-1) ?? '';
}

const READS: Readonly<Record<string, (size: Size, call: number) => Promise<number>>> = {
  list: ({ caller }) => caller.timed(`/agent/memories?tenant_id=${TENANT}&limit=100`),
  timeline: ({ caller, chained }) => caller.timed(`/memories/${chained}/timeline`),
  search: ({ caller }, call) =>
    caller.timed('/agent/search', { tenant_id: TENANT, question: QUESTIONS[call] }),
};

async function measure({ rounds, step }: PartOptions, sizes: readonly Size[]): Promise<PartResult> {
  const figures = [];
  const rows: string[][] = [];
  for (const [name, read] of Object.entries(READS)) {
    const medians: number[][] = [];
    for (let round = 0; round <= rounds; round += 1) {
      step(`${name}, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
      const took = sizes.map((): number[] => []);
      for (let call = 0; call < CALLS; call += 1)
        for (const [index, size] of sizes.entries()) took[index]?.push(await read(size, call));
      if (round > 0) medians.push(took.map(median));
    }
    const ratios = medians.map(([large = 0, small = 1]) => large / small);
    const [large, small] = sizes.map((size) => size.name);
    figures.push(figure(`${name} at ${large} ÷ at ${small} memories, p50`, '≤ 2, aim 1.2', ratios));
    const middle = (index: number): string =>
      shown(median(medians.map((each) => each[index] ?? 0)), 'ms');
    rows.push([name, middle(0), middle(1)]);
  }
  return { figures, details: table(['p50', ...sizes.map(({ name }) => name)], rows) };
}
