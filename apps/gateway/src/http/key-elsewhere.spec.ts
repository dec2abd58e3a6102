import { describe, expect, it } from 'vitest';

import { keyElsewhere } from './key-elsewhere.js';

const KEY = 'sk-canary-0123456789';
const llm = { provider: 'openai', model: 'gpt-5-mini', key: KEY };
const paths = (body: unknown) => keyElsewhere(body).map(({ path }) => path);

describe('a body that holds its own llm key elsewhere', () => {
  it('is told where, in a value or a part of one', () => {
    const messages = [
      { role: 'user', content: 'hello' },
      { role: 'user', content: [{ type: 'text', text: `my key is ${KEY}, keep it` }] },
    ];
    expect(paths({ messages, llm })).toEqual([['messages', 1, 'content', 0, 'text']]);
  });

  it('is told the object when a name holds it, and never the name', () => {
    const faults = keyElsewhere({ metadata: { [KEY]: { deeper: KEY } }, llm });
    expect(faults.map(({ path }) => path)).toEqual([['metadata']]);
    expect(JSON.stringify(faults)).not.toContain(KEY);
  });

  it('is told so for the other fields of llm as well', () => {
    expect(paths({ llm: { ...llm, base_url: `https://h.example/${KEY}` } })).toEqual([
      ['llm', 'base_url'],
    ]);
  });

  it('is looked for under the other name of the key, and without its line break', () => {
    const body = { content: KEY, llm: { api_key: `${KEY}\n` } };
    expect(paths(body)).toEqual([['content']]);
  });
});

describe('a body that holds its key in its place alone', () => {
  it.each([
    { content: 'hello', llm },
    { content: 'short', llm: { ...llm, key: 'short' } },
    { content: 'no llm' },
    { content: 'x', llm: { key: 7 } },
    { content: 'x', llm: null },
    null,
    [KEY],
  ])('%j has no such fault', (body) => {
    expect(paths(body)).toEqual([]);
  });
});
