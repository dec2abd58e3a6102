import { afterEach, describe, expect, it } from 'vitest';

import { jsonReply } from '../../scripts/simulator/index.js';
import { startByo } from '../support/byo.js';
import { perFile } from '../support/per-file.js';

/** Half an hour after midnight in Tokyo: in UTC it is still the day before. */
const TOKYO = '2026-11-29T00:30:00+09:00';
const NEPAL = '2026-11-29T03:15:30.250+05:45';
const LIMA = '2026-11-28T22:00:00-05:00';

let tenants = 0;

const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

const llm = () => byo.llm('openai', 'm');
const conversation = () => {
  tenants += 1;
  return {
    messages: [
      { role: 'user', name: 'Dana', content: 'I moved to Osaka today.', at: TOKYO },
      { role: 'user', name: 'Ravi', content: 'I sold my car yesterday.', at: NEPAL },
      { role: 'user', name: 'Dana', content: 'I adopted a cat today.' },
    ],
    recorded_at: LIMA,
    tenant_id: `o-${tenants}`,
  };
};

/** The text of the last call's user turn. */
function prompt(): string {
  const { messages } = (byo.providers.calls.at(-1)?.body ?? { messages: [] }) as {
    messages: { role: string; content: string }[];
  };
  return messages.map(({ content }) => content).join('\n');
}

/** The times of the conversation that the model was shown. */
const timesShown = (): readonly string[] =>
  [...prompt().matchAll(/(?:recorded_at=|"at":)"([^"]*)"/g)].map(([, time = '']) => time);
const ALL_TIMES = [LIMA, TOKYO, NEPAL];

const unavailable = () => jsonReply(401, { error: { message: 'Incorrect API key provided.' } });

describe('the offset of a timestamp', () => {
  it('is shown to the extracting model in a synchronous call', async () => {
    const { status, json } = await byo.call('/agent/memories', {
      body: { ...conversation(), llm: llm() },
    });
    expect(status).toBe(200);
    expect(timesShown()).toEqual(ALL_TIMES);
    expect(json.memories).toHaveLength(3);
  });

  it('is shown to the extracting model in a job and in its retry', async () => {
    byo.providers.script({ reply: unavailable });
    const apiKey = await byo.gateway.makeKey({});
    const sent = await byo.call('/agent/memories', {
      body: { ...conversation(), llm: llm() },
      headers: { prefer: 'respond-async' },
      apiKey,
    });
    const failed = await byo.ended(sent.headers['location']);
    expect(failed.json.state).toBe('failed');
    expect(timesShown()).toEqual(ALL_TIMES);
    const again = await byo.call(`/agent/jobs/${failed.json.job_id}/retry`, {
      body: { llm: llm() },
      apiKey,
    });
    expect(again.status).toBe(200);
    expect(timesShown()).toEqual(ALL_TIMES);
  });

  it('is shown to the extracting model in a batch and in a dry run', async () => {
    await byo.call('/agent/memories', { body: { ...conversation(), dry_run: true, llm: llm() } });
    expect(timesShown()).toEqual(ALL_TIMES);
    byo.providers.reset();
    const { json } = await byo.call('/agent/memories/batch', {
      body: { writes: [conversation()], llm: llm() },
    });
    await byo.ended(`/agent/jobs/${json.results[0].job_id}`);
    expect(timesShown()).toEqual(ALL_TIMES);
  });

  it('is shown to the answering model, synchronous, asynchronous and streamed', async () => {
    const tenant_id = 'asked';
    await byo.gateway.send('/agent/memories', {
      body: { content: 'Dana lives in Osaka.', tenant_id, valid_from: '2026-11-28T15:30:00Z' },
    });
    const body = {
      question: 'Where does Dana live today?',
      tenant_id,
      reference_date: TOKYO,
      as_of: NEPAL,
      transaction_as_of: '2027-01-01T08:00:00+09:00',
      llm: llm(),
    };
    const expectShown = (): void => {
      expect(prompt()).toContain(`<question reference_date="${TOKYO}">`);
      expect(prompt()).toContain(`how things were on ${NEPAL}:`);
      expect(prompt()).toContain('known on 2027-01-01T08:00:00+09:00;');
      expect(prompt()).toContain('"valid_from":"2026-11-29T00:30:00+09:00"');
    };
    expect((await byo.call('/agent/query', { body })).status).toBe(200);
    expectShown();
    byo.providers.reset();
    await byo.call('/agent/query', { body, headers: { accept: 'text/event-stream' } });
    expectShown();
    byo.providers.reset();
    const { headers } = await byo.call('/agent/query', {
      body,
      headers: { prefer: 'respond-async' },
    });
    await byo.ended(headers['location']);
    expectShown();
  });

  it('is UTC when it is written as Z, and when there is no timestamp', async () => {
    const messages = [{ role: 'user', content: 'Hi.', at: '2026-11-29T00:30:00Z' }];
    await byo.call('/agent/memories', { body: { messages, dry_run: true, llm: llm() } });
    expect(prompt()).toContain('"at":"2026-11-29T00:30:00Z"');
    expect(prompt()).toMatch(/recorded_at="[\d-]+T[\d:]+(\.\d+)?Z"/);
  });
});

const validFromOf = async (valid_from: unknown, times: object = {}): Promise<string> => {
  const facts = [
    {
      fact: 'Dana has a dog.',
      topic: 'x',
      category: 'other',
      importance: 5,
      valid_from,
      messages: [0],
    },
  ];
  byo.providers.script({ answer: JSON.stringify({ facts, note: null }) });
  const { json } = await byo.call('/agent/memories', {
    body: {
      ...conversation(),
      recorded_at: '2026-01-01T00:00:00Z',
      ...times,
      dry_run: true,
      llm: llm(),
    },
  });
  expect(byo.providers.calls).toHaveLength(1);
  return json.memories[0].valid_from;
};

describe('a date that a model writes', () => {
  it.each([
    ['2024/01/15', '2024-01-15T00:00:00.000Z'],
    ['15 Jan 2024', '2024-01-15T00:00:00.000Z'],
    ['January 15, 2024', '2024-01-15T00:00:00.000Z'],
    [20240115, '2024-01-15T00:00:00.000Z'],
    [2024, '2024-01-01T00:00:00.000Z'],
    ['13/02/2024', '2024-02-13T00:00:00.000Z'],
  ])('is read when it is unambiguous: %j', async (given, date) => {
    expect(await validFromOf(given)).toBe(date);
  });

  it.each(['01/02/2024', 'last May', '2024-Q1'])(
    'is ignored when it is ambiguous or no date: %j',
    async (given) => {
      // The time of the message that the fact cites.
      expect(await validFromOf(given)).toBe('2026-11-28T15:30:00.000Z');
    },
  );

  it('is the time of the message when it is today by the speaker’s clock', async () => {
    expect(await validFromOf('2026-11-29')).toBe('2026-11-28T15:30:00.000Z');
    byo.providers.reset();
    expect(await validFromOf('2026-11-30')).toBe('2026-11-30T00:00:00.000Z');
    byo.providers.reset();
    const messages = [{ role: 'user', content: 'I have a dog, since today.' }];
    expect(await validFromOf('2026-11-29', { messages, recorded_at: TOKYO })).toBe(
      '2026-11-28T15:30:00.000Z',
    );
  });

  it('with a time but no offset is read by the speaker’s clock', async () => {
    expect(await validFromOf('2026-11-29T00:15:00')).toBe('2026-11-28T15:15:00.000Z');
  });
});
