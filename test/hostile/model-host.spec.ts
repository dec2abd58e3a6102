import { beforeAll, describe, expect, it } from 'vitest';

import { chatParts, factsParts, hostileBench, jobOf } from '../support/hostile-bench.js';
import type { Behaviour } from '../support/hostile-host.js';
import { perFile } from '../support/per-file.js';

const KEY = 'sk-hostile-pieces-5d0c77e1ab93f246QX';
const MESSAGES = [{ role: 'user', content: 'Robin moved to Rome in May and keeps bees.' }];
const QUESTION = 'Where did Robin move?';

const bench = await perFile(hostileBench());

beforeAll(async () => {
  await bench.attacker.call('/agent/memories', { body: { content: 'Robin moved to Rome.' } });
});

const failing = (status: number, message: Behaviour['parts']) => ({
  status,
  parts: [['{"error":{"message":"', 1], ...message, ['"}}', 1]] as Behaviour['parts'],
});
const facts = (json: string): Pick<Behaviour, 'parts'> => ({ parts: chatParts([[json, 1]]) });
const factOf = (validFrom: string): string =>
  `{"facts":[{"fact":"Robin keeps bees.","topic":"T","category":"other","importance":5,"valid_from":"${validFrom}","messages":[0]}],"note":null}`;
const usage = (completion: string): Pick<Behaviour, 'parts'> => ({
  parts: chatParts([[factOf('2026-05-01'), 1]], {
    usage: `{"prompt_tokens":9,"completion_tokens":${completion}}`,
  }),
});

interface Attack {
  readonly title: string;
  readonly behaviour: Omit<Behaviour, 'id'>;
  readonly status: number;
  readonly code?: string;
  readonly calls?: number;
}

const ATTACKS: readonly Attack[] = [
  {
    title: 'an error of 90 KB on which a quadratic expression takes minutes',
    behaviour: failing(400, [['a-', 45_000]]),
    status: 422,
    code: 'llm_rejected_request',
  },
  {
    title: 'an error of 4 MB',
    behaviour: failing(400, [['a-', 2_000_000]]),
    status: 422,
    code: 'llm_rejected_request',
  },
  {
    title: 'an error of 6 MB that names a wait again and again',
    behaviour: failing(429, [
      ['retry in ', 1],
      ['1s ', 2_000_000],
    ]),
    status: 429,
    code: 'llm_rate_limited',
  },
  {
    title: 'an error that is nested 50,000 deep',
    behaviour: {
      status: 400,
      parts: [
        ['{"error":', 50_000],
        ['1', 1],
        ['}', 50_000],
      ],
    },
    status: 422,
    code: 'llm_rejected_request',
  },
  {
    title: 'facts that are nested 6,000 deep',
    behaviour: {
      parts: chatParts([
        ['[', 6_000],
        [']', 6_000],
      ]),
    },
    status: 502,
    code: 'llm_invalid_output',
    calls: 2,
  },
  {
    title: 'a NUL in an error',
    behaviour: failing(400, [['bad\\u0000thing', 1]]),
    status: 422,
    code: 'llm_rejected_request',
  },
  {
    title: 'an error whose 1,000th character is half an emoji',
    behaviour: failing(400, [
      ['x', 999],
      ['😀', 200],
    ]),
    status: 422,
    code: 'llm_rejected_request',
  },
  { title: 'half a token', behaviour: usage('1.5'), status: 200 },
  { title: 'fewer than no tokens', behaviour: usage('-5'), status: 200 },
  { title: 'three billion tokens', behaviour: usage('3e9'), status: 200 },
  { title: 'more tokens than there are numbers', behaviour: usage('1e300'), status: 200 },
  { title: 'a fact of the year 0', behaviour: facts(factOf('0000-01-01')), status: 200 },
  {
    title: 'a fact of the last hour that there is',
    behaviour: facts(factOf('9999-12-31T23:59:59-14:00')),
    status: 200,
  },
  {
    title: 'NUL and half characters in a fact',
    behaviour: facts(factOf('2026-05-01').replace('bees', 'be\\u0000es \\ud83d here')),
    status: 200,
  },
];

describe('a hostile model host', () => {
  it.each(ATTACKS.map((attack, index) => ({ ...attack, id: `attack-${index}` })))(
    'does not delay other accounts with $title',
    async ({ id, behaviour, status, code, calls = 1 }) => {
      const answer = await bench.whileOthersAreServed(() =>
        bench.attacker.call('/agent/memories', {
          body: { messages: MESSAGES, llm: bench.llm({ id, ...behaviour }) },
        }),
      );
      expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
      expect(await bench.callsOf(id)).toBe(calls);
      await bench.untilMemoryReturns(200);
    },
  );

  it('cannot hang the reader of its answer', async () => {
    const parts = chatParts([
      ['Robin moved to Rome [mem-1].', 1],
      [' ', 30_000],
      ['b', 1],
    ]);
    const { location, listed } = await bench.whileOthersAreServed(async () => {
      const asked = await bench.attacker.call('/agent/query', {
        headers: { prefer: 'respond-async' },
        body: { question: QUESTION, llm: bench.llm({ id: 'spaces', parts }) },
      });
      const at = asked.headers.get('location') ?? '';
      const job = await jobOf(bench.attacker, at);
      expect(job).toMatchObject({ state: 'succeeded', result: { grounded: true } });
      return { location: at, listed: await bench.attacker.call('/agent/jobs?kind=query') };
    });
    expect(listed.json.jobs[0].job_id).toBe(location.split('/').at(-1));
  });

  it('ends a question after one call, whatever characters its answer contains', async () => {
    const parts = chatParts([['Rome \u0000 it was, \ud83d yes [mem-1].', 1]]);
    const asked = await bench.attacker.call('/agent/query', {
      headers: { prefer: 'respond-async' },
      body: { question: QUESTION, llm: bench.llm({ id: 'nul-answer', parts }) },
    });
    const job = await jobOf(bench.attacker, asked.headers.get('location') ?? '');
    expect(job).toMatchObject({ state: 'succeeded', attempts: 1, result: { grounded: true } });
    expect(await bench.callsOf('nul-answer')).toBe(1);
  });

  it.each(['[mem-99]', '[mem-1]', '(mem 99)', '\u200b', '[mem-1][mem-99]'])(
    'gets no key stored that it splits with %j',
    async (knife) => {
      const pieces = KEY.match(/.{1,8}/g) ?? [];
      const id = `knife-${Buffer.from(knife).toString('hex')}`;
      const llm = bench.llm({ id, parts: chatParts([[pieces.join(knife), 1]]) }, { key: KEY });
      const asked = await bench.attacker.call('/agent/query', {
        headers: { prefer: 'respond-async' },
        body: { question: QUESTION, llm },
      });
      const job = await jobOf(bench.attacker, asked.headers.get('location') ?? '');
      expect(job).toMatchObject({ state: 'succeeded' });
      const stored = JSON.stringify(job).replace(/\[mem-\d+\]|\u200b/g, '');
      for (const piece of [KEY.slice(0, 16), KEY.slice(16)]) expect(stored).not.toContain(piece);
    },
  );

  it('cannot flood a write with facts', async () => {
    const content = 'Robin keeps bees and writes of it at length. '.repeat(7_000);
    const written = await bench.whileOthersAreServed(() =>
      bench.attacker.call('/agent/memories', {
        body: {
          messages: [{ role: 'user', content }],
          llm: bench.llm({ id: 'flood', parts: factsParts(500) }),
        },
      }),
    );
    expect(written.status).toBe(200);
    await bench.untilMemoryReturns(300);
  });

  it('cannot flood a worker with a batch of such writes', { timeout: 120_000 }, async () => {
    const content = 'Robin keeps bees and writes of it at length. '.repeat(7_000);
    const writes = Array.from({ length: 3 }, () => ({ messages: [{ role: 'user', content }] }));
    const llm = bench.llm({ id: 'batch-flood', parts: factsParts(500) });
    await bench.whileOthersAreServed(async () => {
      const accepted = await bench.attacker.call('/agent/memories/batch', {
        body: { llm, writes },
      });
      expect(accepted.status).toBe(202);
      for (const { job_id } of accepted.json.results)
        expect(await jobOf(bench.attacker, `/agent/jobs/${job_id}`)).toMatchObject({
          state: 'succeeded',
          attempts: 1,
        });
    });
    await bench.untilMemoryReturns(300);
  });

  it(
    'cannot block a worker with answers that are slow to repair',
    { timeout: 120_000 },
    async () => {
      const writes = Array.from({ length: 20 }, () => ({ messages: MESSAGES }));
      const parts = chatParts([
        ['{"facts": [', 1],
        ['- a\n', 8_000],
        [']}', 1],
      ]);
      const llm = bench.llm({ id: 'slow-repair', parts });
      await bench.whileOthersAreServed(async () => {
        const accepted = await bench.attacker.call('/agent/memories/batch', {
          body: { llm, writes },
        });
        expect(accepted.status).toBe(202);
        for (const { job_id } of accepted.json.results)
          expect(await jobOf(bench.attacker, `/agent/jobs/${job_id}`)).toMatchObject({
            attempts: 1,
          });
      });
      expect(await bench.callsOf('slow-repair')).toBeLessThanOrEqual(40);
    },
  );

  it('cannot be used to test keys, whatever status it rejects them with', async () => {
    const refuses = { id: 'xai', ...failing(400, [['Incorrect API key provided: sk-***.', 1]]) };
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1) {
      const llm = bench.llm(refuses, { key: `sk-stolen-key-to-be-tried-${n}` });
      const { status } = await bench.attacker.call('/agent/memories', {
        body: { messages: MESSAGES, llm },
      });
      statuses.push(status);
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(15)).toEqual(Array.from({ length: 10 }, () => 429));
    expect(await bench.callsOf('xai')).toBeLessThanOrEqual(11);
  });
});
