import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { canaryOf, postgresDump, redisDump, redisFile } from '../support/canaries.js';
import { type Met, sendAlongEveryPath } from '../support/key-paths.js';
import { type Product, startProduct } from '../support/product.js';

/** One in plain letters, and one that looks different in a URL, in JSON and in a form. */
const CANARIES = ['sk-canary-7f3a91c0de55aa17-ZQ', 'sk+c@n/ry=8e1d&4f?5A%7b"9c\\0f#ZQ'].map(
  canaryOf,
);
const QUEUES = ['extraction', 'query', 'verification'];
const STATES = ['active', 'waiting', 'prioritized', 'delayed', 'failed', 'completed', 'paused'];

/** All that a request to a provider may hold, beside the caller's key. */
const SENT =
  /^(host|connection|content-length|accept|accept-language|accept-encoding|sec-fetch-mode|content-type|user-agent|authorization|x-api-key|api-key|anthropic-version)$/;

const found = (text: string): string[] => CANARIES.flatMap((canary) => canary.foundIn(text));

function requireThat(holds: boolean): void {
  if (!holds) throw new Error('Not yet.');
}

describe('the caller’s key, after everything that can happen to a job,', () => {
  let product: Product;
  let redis: Redis;
  const met: Met[] = [];
  /** Jobs by what becomes of them. */
  const jobs = { killed: '', delayed: '', stalledOut: '', interrupted: '' };

  beforeAll(async () => {
    product = await startProduct({ withOps: true, environment: { LOG_LEVEL: 'trace' } });
    redis = new Redis(inject('redisUrl'));
    for (const { key } of CANARIES) met.push(...(await sendAlongEveryPath(product, key)));

    const [canary] = CANARIES;
    const later = async (llm: object): Promise<string> => {
      const messages = [{ role: 'user', content: 'I sing.' }];
      const body = { messages, llm: { key: canary!.key, ...llm } };
      const answer = await product.call('/agent/memories', {
        body,
        headers: { prefer: 'respond-async' },
      });
      return answer.json.job_id;
    };
    const openai = { provider: 'openai', base_url: `${product.simulator.url}/v1` };
    const azure = {
      provider: 'azure',
      base_url: product.simulator.url,
      extra: { api_version: '2024-10-21' },
    };
    const hash = (jobId: string): string =>
      `{${product.queuePrefix}-extraction}:extraction:${jobId}.1`;

    // Delayed by Retry-After, and found to have stalled too often when its time comes.
    jobs.stalledOut = await later({ ...azure, model: 'sim-rate-limited-short' });
    await isDelayed(jobs.stalledOut);
    await redis.hset(hash(jobs.stalledOut), 'stc', 3);
    jobs.delayed = await later({ ...openai, model: 'sim-rate-limited-requests' });
    await isDelayed(jobs.delayed);
    await vi.waitFor(
      async () =>
        requireThat((await product.call(`/agent/jobs/${jobs.stalledOut}`)).json.state === 'failed'),
      { timeout: 10_000 },
    );
    // In mid-call: one whose worker is killed, and one that goes on for as long as this file does.
    jobs.killed = await hanging('sim-hang-mid-body');
    await product.restart('extraction-worker');
    jobs.interrupted = await hanging('sim-hang');

    async function hanging(model: string): Promise<string> {
      const before = product.simulator.calls.length;
      const jobId = await later({ ...openai, model });
      await vi.waitFor(() => requireThat(product.simulator.calls.length > before), {
        timeout: 10_000,
      });
      return jobId;
    }
    async function isDelayed(jobId: string): Promise<void> {
      const name = `{${product.queuePrefix}-extraction}:extraction:delayed`;
      await vi.waitFor(async () =>
        requireThat((await redis.zscore(name, `${jobId}.1`)) !== null && (await sealedIn(jobId))),
      );
    }
  });
  afterAll(async () => {
    redis.disconnect();
    await product.stop();
  });

  /** Whether the job's data still has an envelope. */
  const sealedIn = async (jobId: string): Promise<boolean> => {
    const data = await redis.hget(
      `{${product.queuePrefix}-extraction}:extraction:${jobId}.1`,
      'data',
    );
    if (data === null) throw new Error(`Job ${jobId} is gone.`);
    return 'sealed' in (JSON.parse(data) as object);
  };

  it('reached the provider', () => {
    const sent = JSON.stringify(product.simulator.calls.map(({ headers }) => headers));
    for (const { foundIn } of CANARIES) expect(foundIn(sent)).not.toEqual([]);
  });

  it('reached it without anything of the operator’s environment', () => {
    const names = new Set(product.simulator.calls.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].filter((name) => !SENT.test(name))).toEqual([]);
    expect(JSON.stringify(product.simulator.calls)).not.toMatch(/poison/i);
  });

  it('got each answer that the test asked for', () => {
    expect(met.filter(({ status, due }) => due !== undefined && status !== due)).toEqual([]);
  });

  it('is in no answer and no header', () => {
    expect(met.length).toBeGreaterThan(100);
    expect(met.filter(({ text }) => found(text).length > 0)).toEqual([]);
  });

  it('is in no log at the most verbose level', () => {
    expect(product.logs()).not.toBe('');
    expect(found(product.logs())).toEqual([]);
  });

  it('is in no table', async () => {
    const dump = await postgresDump(product.database.url);
    expect(dump).toContain('Globex');
    expect(found(dump)).toEqual([]);
  });

  it('is sealed in jobs that will still run, and in no job that has ended', async () => {
    expect(await sealedIn(jobs.interrupted)).toBe(true);
    expect(await sealedIn(jobs.killed)).toBe(true);
    expect(await sealedIn(jobs.stalledOut)).toBe(false);
    for (const queue of QUEUES) {
      const name = `{${product.queuePrefix}-${queue}}:${queue}`;
      for (const jobId of await redis.zrange(`${name}:failed`, 0, -1)) {
        expect([jobId, await redis.hget(`${name}:${jobId}`, 'data')]).toEqual([
          jobId,
          expect.not.stringContaining('sealed'),
        ]);
      }
      expect(await redis.zcard(`${name}:completed`)).toBe(0);
    }
  });

  it('is in no key of Redis while its jobs wait and run', async () => {
    const dump = await redisDump(inject('redisUrl'));
    expect(dump).toContain(product.queuePrefix);
    expect(found(dump)).toEqual([]);
  });

  it('is in no file that Redis may write', async () => {
    const file = await redisFile(inject('redisUrl'));
    expect(file).toContain(product.queuePrefix);
    expect(file).toContain('"sealed":"v2.');
    expect(found(file)).toEqual([]);
  });

  const board = async (path: string): Promise<string> => {
    const headers = { authorization: product.opsLogin };
    const answer = await fetch(`${product.opsUrl}/api/${path}`, { headers });
    return `${answer.status} ${await answer.text()} ${JSON.stringify([...answer.headers])}`;
  };
  const listings = QUEUES.flatMap((queue) =>
    STATES.map((state) => `queues?activeQueue=${queue}&status=${state}&page=1&jobsPerPage=200`),
  );

  it('is not on the board, and neither is a sealed envelope', async () => {
    const details = Object.values(jobs).flatMap((jobId) => [
      `queues/extraction/${jobId}.1`,
      `queues/extraction/${jobId}.1/logs`,
    ]);
    const pages = await Promise.all([...listings, ...details].map(board));
    expect(pages.filter((page) => !page.startsWith('200 '))).toEqual([]);
    expect(pages.join('\n')).toContain('llm_auth_failed');
    expect(found(pages.join('\n'))).toEqual([]);
    expect(pages.join('\n')).not.toMatch(/"v[12]\.[\w-]+\.[\w-]{20,}/);
  });

  it('is in no metric, and upkeep had to wipe none', async () => {
    const metrics = await product.metrics();
    expect(Object.keys(metrics).length).toBe(4);
    const text = JSON.stringify(metrics);
    expect(text).toContain('aurra_llm_calls_total');
    expect(found(text)).toEqual([]);
    const wiped = metrics['extraction-worker']?.match(/^aurra_sealed_targets_wiped_total.*$/gm);
    expect(wiped?.map((line) => line.split(' ').at(-1))).toEqual(QUEUES.map(() => '0'));
  });

  it('is in no health report, and not in the description of the API', async () => {
    for (const path of ['/health/ready', '/health/live', '/openapi.json']) {
      const { status, text } = await product.call(path);
      expect(status).toBe(200);
      expect(found(text)).toEqual([]);
    }
  });
});

describe('the search for a canary', () => {
  it.each([
    ['whole', (key: string) => key],
    ['in twelve characters', (key: string) => key.slice(9, 21)],
    ['in a URL', encodeURIComponent],
    ['in a URL, in small letters', (key: string) => encodeURIComponent(key).toLowerCase()],
    ['in JSON', (key: string) => JSON.stringify(key)],
    ...['', 'u', 'us', 'user:'].map((before): [string, (key: string) => string] => [
      `in base64 after ${before.length} characters`,
      (key) => Buffer.from(`${before}${key}:x`).toString('base64'),
    ]),
    ['in base64 for URLs', (key: string) => Buffer.from(key).toString('base64url')],
  ])('finds it %s', (_title, write) => {
    for (const { key, foundIn } of CANARIES) {
      expect(foundIn(`something ${write(key)} something`)).not.toEqual([]);
    }
    expect(found('something else')).toEqual([]);
  });
});
