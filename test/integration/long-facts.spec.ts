import { afterEach, describe, expect, it } from 'vitest';

import { startByo } from '../support/byo.js';
import { perFile } from '../support/per-file.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'Here is how I deploy. '.repeat(200) }];
const SNIPPET =
  'Dana deploys with this script:\n```python\ndef deploy(env):\n\tif env == "prod":\n\t\treturn push(env)\n\n    # spaces stay\n    return None\n```';

let tenants = 0;

const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

/** The facts that a write stores when the model returns these. */
const stored = async (facts: readonly string[], tenant = `l-${(tenants += 1)}`) => {
  const found = facts.map((fact) => ({
    fact,
    topic: 'Work',
    category: 'project',
    importance: 5,
    valid_from: null,
    messages: [0],
  }));
  byo.providers.script({ answer: JSON.stringify({ facts: found, note: null }) });
  const body = { messages: MESSAGES, tenant_id: tenant, llm: byo.llm('openai', 'm') };
  const { status, json } = await byo.call('/agent/memories', { body });
  expect([status, byo.providers.calls.length]).toEqual([200, 1]);
  const texts: string[] = json.memories.map((memory: { decision: string }) => memory.decision);
  return { texts, note: json.extraction.note as string | undefined, json };
};

describe('a fact that a model writes', () => {
  it.each([5_000, 20_000, 32_768])('is kept whole: %d bytes', async (length) => {
    const fact = 'Dana has a very long story. '.repeat(2_000).slice(0, length - 1) + '.';
    const { texts, note } = await stored([fact]);
    expect(texts).toEqual([fact]);
    expect(note).toBeUndefined();
  });

  it('keeps its code, line by line', async () => {
    expect((await stored([SNIPPET])).texts).toEqual([SNIPPET]);
  });

  it.each([
    ['CRLF', 'Dana packs:\r\n- socks\r\n- maps\r', 'Dana packs:\n- socks\n- maps'],
    ['separators', 'Dana packs:\u2028- socks\u0085- maps', 'Dana packs:\n- socks\n- maps'],
    [
      'blanks at the ends of lines',
      'Dana packs:  \n- socks\t\n- maps',
      'Dana packs:\n- socks\n- maps',
    ],
    ['many empty lines', 'Dana packs:\n\n\n\n\n- socks', 'Dana packs:\n\n\n- socks'],
    ['control characters', '\u0000Dana\u0007 packs:\u001b[1m\n- socks', 'Dana packs: [1m\n- socks'],
  ])('is normalised: %s', async (_what, fact, text) => {
    expect((await stored([fact])).texts).toEqual([text]);
  });

  it('is split at ends of lines or sentences above 32 KiB, and the note says so', async () => {
    const lines = Array.from({ length: 1_500 }, (_, at) => `${at}: a line of the log of Dana.`);
    const { texts, note } = await stored([lines.join('\n')]);
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.flatMap((text) => text.split('\n')).toSorted()).toEqual(lines.toSorted());
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(32_768);
    expect(note).toBe('1 fact of more than 32 KiB was stored in parts.');
  });

  it('is a duplicate of one that differs only in white space', async () => {
    const tenant = 'duplicates';
    await stored([SNIPPET], tenant);
    byo.providers.reset();
    const { json } = await stored([SNIPPET.replaceAll(/\s+/g, ' ')], tenant);
    expect([json.extracted_count, json.saved_count]).toEqual([1, 0]);
  });

  it('is one line of the prompt for an answer, and found by a word of its last line', async () => {
    const tenant_id = 'asked';
    await stored([SNIPPET.replace('None', 'quixotic')], tenant_id);
    byo.providers.reset();
    const body = { question: 'What is quixotic?', tenant_id };
    const { json } = await byo.call('/agent/search', { body });
    expect(json.citations).toMatchObject([{ decision: expect.stringContaining('\n\t\treturn') }]);
    await byo.call('/agent/query', { body: { ...body, llm: byo.llm('openai', 'm') } });
    const { messages } = (byo.providers.calls.at(-1)?.body ?? { messages: [] }) as {
      messages: { content: string }[];
    };
    const lines = messages.flatMap(({ content }) => content.split('\n'));
    const [shown = '{}'] = lines.filter((line) => line.startsWith('{"mem":1'));
    expect(JSON.parse(shown)).toMatchObject({ fact: expect.stringContaining('\n\t\treturn') });
  });
});
