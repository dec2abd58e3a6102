import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startProgram } from './processes.js';
import type { ProviderQuestion } from './provider-process.js';

/** The model that answers at once, in a process of its own. */
export interface Provider {
  /** As host:port. */
  readonly host: string;
  /** A caller's target at this provider. */
  readonly llm: { readonly [field: string]: string };
  /** The milliseconds that each answer since the last call of this method has taken, in order. */
  takeTimes(): Promise<readonly number[]>;
  /** From now on no call is answered, until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** The number of calls that wait for their answer. */
  countHeld(): Promise<number>;
  stop(): Promise<void>;
}

export async function startProvider(): Promise<Provider> {
  const program = await startProgram(
    'provider-process.ts',
    { TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) },
    ['--import', import.meta.resolve('tsx')],
  );
  const ask = async (question: ProviderQuestion): Promise<unknown> => {
    const answered = once(program.child, 'message');
    program.child.send(question);
    return (await answered)[0];
  };
  const host = `127.0.0.1:${String(program.first)}`;
  return {
    host,
    llm: {
      provider: 'openai',
      model: 'gpt-5.1',
      base_url: `http://${host}/v1`,
      key: 'sk-a-callers-own-key-0123456789',
    },
    takeTimes: async () => (await ask('take times')) as readonly number[],
    hold: async () => void (await ask('hold')),
    release: async () => void (await ask('release')),
    countHeld: async () => (await ask('count held')) as number,
    stop: () => program.stop(),
  };
}
