/** Adds conversations to mem0, many at a time. Node runs this file as it is; `parts/mem0.ts` starts it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { MEM0_FOLDER = '', BASE_URL = '', LANES = '' } = process.env;

interface Mem0 {
  add(messages: readonly object[], options: { readonly userId: string }): Promise<Added>;
}
interface Added {
  readonly results: readonly unknown[];
}

/** It is installed outside of the repository, so the compiler does not know its types. */
const { Memory } = createRequire(join(MEM0_FOLDER, 'package.json'))('mem0ai/oss') as {
  readonly Memory: new (config: object) => Mem0;
};

const account = { apiKey: 'sk-a-callers-own-key-0123456789', baseURL: BASE_URL };
const newMemory = (): Mem0 =>
  new Memory({
    embedder: { provider: 'openai', config: { ...account, model: 'text-embedding-3-small' } },
    llm: { provider: 'openai', config: { ...account, model: 'mem0' } },
    vectorStore: {
      provider: 'memory',
      config: { collectionName: 'bench', dimension: 1_536, dbPath: ':memory:' },
    },
    historyStore: { provider: 'sqlite', config: { historyDbPath: ':memory:' } },
  });

let counter = 0;

/** @returns the seconds until all of these adds are searchable, in a store that was empty before. */
async function add(adds: number): Promise<number> {
  const memory = newMemory();
  const begun = performance.now();
  let left = adds;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      counter += 1;
      const messages = [{ role: 'user', content: `I moved to house ${counter} in Lisbon.` }];
      const { results } = await memory.add(messages, { userId: `user-${counter % 100}` });
      if (results.length !== 3) throw new Error(`mem0 stored ${results.length} facts, not 3.`);
    }
  };
  await Promise.all(Array.from({ length: Number(LANES) }, lane));
  return (performance.now() - begun) / 1_000;
}

process.on('message', (adds: number) => {
  add(adds).then(
    (seconds) => process.send?.(seconds),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('SIGTERM', () => process.exit(0));
process.send?.('ready');
