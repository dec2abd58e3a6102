import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'vitest';

import type { Behaviour, HeldRequests, Volley } from './hostile-host.js';
import { type Answered, type CallOptions, type Product, startProduct } from './product.js';

/** The duration of a model call of the other account: without one the journey would be too short to compare. */
const MODEL_MS = 500;
/** How many times as long a call of the other account may take under attack: docs/limits.md promises it. */
export const MOST_TIMES_AS_LONG = 3;
const HEALTH_EVERY_MS = 100;
const HEALTH_WITHIN_MS = 2_500;
/** A process that needs more memory ends, and then the test fails. */
const HEAP_MEGABYTES = 512;
const MEMORY_RETURNS_WITHIN_MS = 30_000;
const JOB_ENDS_WITHIN_MS = 60_000;

const STEPS = ['write', 'question', 'list', 'search'] as const;
type Step = (typeof STEPS)[number];

/** How long each call of one journey took, in milliseconds. */
type Journey = Readonly<Record<Step, number>>;

/** One account's API key, and calls with it. */
export interface HostileAccount {
  readonly apiKey: string;
  call(path: string, options?: CallOptions): Promise<Answered>;
  /** Makes the same call many times at once, from another process. @returns the statuses. */
  fire(times: number, path: string, options?: CallOptions): Promise<readonly number[]>;
}

export interface HostileBench {
  readonly product: Product;
  readonly attacker: HostileAccount;
  /** An `llm` object whose host answers with this behaviour. */
  llm(behaviour: Behaviour, more?: object): object;
  /** The number of calls that the behaviour with this id received. */
  callsOf(id: string): Promise<number>;
  /** Opens connections that never end their request, from another process. @returns the first line of each answer. */
  hold(requests: Omit<HeldRequests, 'port'>): Promise<readonly string[]>;
  /**
   * Runs an attack, and checks meanwhile that the other account is served: its write, question, list and search take at
   * most three times as long as without the attack (a short one at most 1.5 s), `/health/live` answers, and no process ends.
   */
  whileOthersAreServed<Result>(attack: () => Promise<Result>): Promise<Result>;
  /** Waits until no process holds more than `megabytes` above what it held before the first attack. */
  untilMemoryReturns(megabytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The whole product, a hostile host, an account that attacks, and another account whose calls are timed. */
export async function hostileBench(
  environment: Readonly<Record<string, string>> = {},
): Promise<HostileBench> {
  // The attacks come from another process, so that they do not slow down the models.
  const [host, gun] = await Promise.all([startHost(), startHost()]);
  const product = await startProduct({
    environment: {
      LLM_ALLOWED_HOSTS: `127.0.0.1:${host.port}`,
      LOG_LEVEL: 'info',
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}`,
      DATABASE_POOL_SIZE: '8',
      ...environment,
    },
  });
  const accountOf = (apiKey: string): HostileAccount => ({
    apiKey,
    call: (path, options = {}) => product.call(path, { apiKey, ...options }),
    fire: async (times, path, { method, body, headers = {} } = {}) => {
      const volley: Volley = {
        times,
        url: `${product.url}${path}`,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: typeof body === 'object' ? JSON.stringify(body) : (body as string | undefined),
      };
      return (await gun.ask('fire', volley)) as number[];
    },
  });
  const attacker = accountOf(await product.makeAccount());
  const other = accountOf(await product.makeAccount());
  const llm = (behaviour: Behaviour, more: object = {}): object => ({
    provider: 'openai',
    model: 'gpt-4.1',
    key: 'sk-hostile-tier-0123456789abcdef',
    base_url: `http://127.0.0.1:${host.port}/${Buffer.from(JSON.stringify(behaviour)).toString('base64url')}/v1`,
    ...more,
  });
  const journey = journeysOf(other, llm);
  await journey();
  const usual = median([await journey(), await journey(), await journey()]);
  const before = memoryOf(product);
  return {
    product,
    attacker,
    llm,
    callsOf: async (id) => {
      const counts = await fetch(`http://127.0.0.1:${host.port}/calls`);
      return ((await counts.json()) as Record<string, number>)[id] ?? 0;
    },
    hold: async (requests) =>
      (await gun.ask('hold', { ...requests, port: Number(new URL(product.url).port) })) as string[],
    whileOthersAreServed: async (attack) => {
      const over = new AbortController();
      const health = watchHealth(product, over.signal);
      const attacking = attack().finally(() => over.abort());
      const served = servedUntil(over.signal, journey);
      const ended = await Promise.allSettled([attacking, served, health]);
      expect(product.crashed(), 'processes that ended by themselves').toEqual([]);
      const [result, journeys, longest] = ended.map(valueOf) as [
        Awaited<ReturnType<typeof attack>>,
        readonly Journey[],
        number,
      ];
      expect(longest, 'the longest time that /health/live took').toBeLessThan(HEALTH_WITHIN_MS);
      const slowest = slowestOf(journeys);
      for (const step of STEPS) {
        // A call without a model takes a few milliseconds. A busy machine alone adds more than three times that.
        const allowed = MOST_TIMES_AS_LONG * Math.max(usual[step], MODEL_MS);
        expect(slowest[step], `the slowest ${step} of the other account`).toBeLessThan(allowed);
      }
      return result;
    },
    untilMemoryReturns: async (megabytes) => {
      const over = (): readonly string[] =>
        Object.entries(memoryOf(product)).flatMap(([app, bytes]) =>
          bytes > (before[app] ?? 0) + megabytes * 1024 * 1024 ? [`${app}: ${bytes}`] : [],
        );
      for (const end = Date.now() + MEMORY_RETURNS_WITHIN_MS; Date.now() < end; await delay(500)) {
        if (over().length === 0) return;
        // An idle process collects no garbage, so the journey gives each process some work.
        await journey();
      }
      expect(over()).toEqual([]);
    },
    close: async () => {
      const crashed = product.crashed();
      await product.stop();
      host.stop();
      gun.stop();
      expect(crashed, 'processes that ended by themselves').toEqual([]);
    },
  };
}

/** The job at this address once it has ended, as the API shows it. */
// oxlint-disable-next-line typescript/no-explicit-any
export async function jobOf(account: HostileAccount, location: string): Promise<any> {
  for (const end = Date.now() + JOB_ENDS_WITHIN_MS; Date.now() < end; await delay(100)) {
    const { json } = await account.call(location);
    if (json.state !== 'queued' && json.state !== 'running') return json;
  }
  throw new Error(`The job at ${location} did not end in time.`);
}

/** A chat completion of OpenAI's wire whose content is made of these parts; texts are written as JSON strings. */
export function chatParts(
  content: Behaviour['parts'],
  { usage = '{"prompt_tokens":9,"completion_tokens":9}', stop = '"stop"' } = {},
): Behaviour['parts'] {
  return [
    [
      '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"',
      1,
    ],
    ...content.map(([text, times]) => [JSON.stringify(text).slice(1, -1), times] as const),
    [`"},"finish_reason":${stop}}],"usage":${usage}}`, 1],
  ];
}

const fact = (text: string): string =>
  `{"fact":"${text}","topic":"T","category":"other","importance":5,"valid_from":null,"messages":[0]}`;

/** The answer of an extraction with so many facts, each with its number in it. */
export function factsParts(times: number, more = ''): Behaviour['parts'] {
  return chatParts([
    ['{"facts":[', 1],
    [`${fact(`Fact %n${more} is known.`)},`, times - 1],
    [fact('The last fact is known.'), 1],
    ['],"note":null}', 1],
  ]);
}

function journeysOf(account: HostileAccount, llm: HostileBench['llm']): () => Promise<Journey> {
  const wellBehaved = (id: string, parts: Behaviour['parts']): object =>
    llm({ id, delayMs: MODEL_MS, parts });
  const finds = wellBehaved('journey-write', factsParts(1));
  const answers = wellBehaved('journey-question', chatParts([['It is known [mem-1].', 1]]));
  const messages = [{ role: 'user', content: 'The last fact is known.' }];
  const asked = { question: 'What is known of the last fact?' };
  const calls: Readonly<Record<Step, () => Promise<Answered>>> = {
    write: () => account.call('/agent/memories', { body: { messages, llm: finds } }),
    question: () => account.call('/agent/query', { body: { ...asked, llm: answers } }),
    list: () => account.call('/agent/memories'),
    search: () => account.call('/agent/search', { body: asked }),
  };
  return async () => {
    const took: Record<string, number> = {};
    for (const step of STEPS) {
      const begun = performance.now();
      const { status, text } = await calls[step]();
      took[step] = performance.now() - begun;
      expect({ step, status, text: status === 200 ? '' : text.slice(0, 500) }).toEqual({
        step,
        status: 200,
        text: '',
      });
    }
    return took as Record<Step, number>;
  };
}

const byStep = (of: (step: Step) => number): Journey =>
  Object.fromEntries(STEPS.map((step) => [step, of(step)])) as Record<Step, number>;

const median = (journeys: readonly Journey[]): Journey =>
  byStep((step) => {
    const sorted = journeys.map((journey) => journey[step]).toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  });

const slowestOf = (journeys: readonly Journey[]): Journey =>
  byStep((step) => Math.max(...journeys.map((journey) => journey[step])));

/** Repeats the journey until the attack is over, but at least once. */
async function servedUntil(
  over: AbortSignal,
  journey: () => Promise<Journey>,
): Promise<readonly Journey[]> {
  const journeys: Journey[] = [];
  do journeys.push(await journey());
  while (!over.aborted);
  return journeys;
}

function valueOf(settled: PromiseSettledResult<unknown>): unknown {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** @returns the longest time that the gateway took to answer `/health/live`, in milliseconds. */
async function watchHealth({ url }: Product, over: AbortSignal): Promise<number> {
  let longest = 0;
  while (!over.aborted) {
    const begun = performance.now();
    const { status } = await fetch(`${url}/health/live`);
    expect(status).toBe(200);
    longest = Math.max(longest, performance.now() - begun);
    await delay(HEALTH_EVERY_MS);
  }
  return longest;
}

const APPS = ['gateway', 'extraction-worker', 'query-worker'];

const memoryOf = (product: Product): Readonly<Record<string, number>> =>
  Object.fromEntries(APPS.map((app) => [app, product.memory(app)]));

interface HostProcess {
  readonly port: number;
  ask(path: string, body: object): Promise<unknown>;
  stop(): void;
}

async function startHost(): Promise<HostProcess> {
  const child: ChildProcess = spawn(process.execPath, ['test/support/hostile-host.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('A host without an output.');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    port: Number(line),
    ask: async (path, body) => {
      const url = `http://127.0.0.1:${line}/${path}`;
      return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
    },
    stop: () => void child.stdin?.end(),
  };
}
