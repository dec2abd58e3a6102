/** The provider simulator in a process of its own. `provider.ts` starts it and talks to it. */
import { startSimulator } from '../scripts/simulator/index.js';

/** What the benchmark asks of this process. Each question gets one message as its answer. */
export type ProviderQuestion = 'take times' | 'hold' | 'release' | 'count held';

let times: number[] = [];
let held = 0;
let gate: PromiseWithResolvers<void> | undefined;

const simulator = await startSimulator({
  record: false,
  onAnswer: (ms) => times.push(ms),
  hold: () => {
    if (gate === undefined) return undefined;
    held += 1;
    return gate.promise;
  },
});

/** mem0 asks for its facts in a shape of its own, by a prompt that the stand-in does not know. */
let added = 0;
simulator.script({
  provider: 'openai',
  times: Number.POSITIVE_INFINITY,
  when: ({ fields }) => fields['model'] === 'mem0',
  answer: () => {
    added += 1;
    const texts = [
      `The user moved to house ${added} in Lisbon last month and works in bakery ${added}.`,
      `The dog ${added} of the user is called Rex and likes the park by the river.`,
      `The user is allergic to hazelnuts of kind ${added}.`,
    ];
    const memory = texts.map((text, id) => ({ id: String(id), text, attributed_to: 'user' }));
    return JSON.stringify({ memory });
  },
});

const ANSWERS: Readonly<Record<ProviderQuestion, () => unknown>> = {
  'take times': () => {
    const taken = times;
    times = [];
    return taken;
  },
  hold: () => {
    gate = Promise.withResolvers();
    return true;
  },
  release: () => {
    gate?.resolve();
    gate = undefined;
    held = 0;
    return true;
  },
  'count held': () => held,
};

process.on('message', (question: ProviderQuestion) => process.send?.(ANSWERS[question]()));
process.once('SIGTERM', () => process.exit(0));
process.send?.(simulator.port);
