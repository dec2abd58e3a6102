import { LLM_SECRET_FIELDS } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { holdsPartOf, findMisplacedKeys } from './misplaced-keys.js';

const KEY = 'sk-canary-0123456789';
const llm = { provider: 'openai', model: 'gpt-5-mini', key: KEY };
const paths = (body: unknown) => findMisplacedKeys(body).map(({ path }) => path);

describe('a body with its llm key in another place', () => {
  it('is reported with the path of the value that contains the key', () => {
    const messages = [
      { role: 'user', content: 'hello' },
      { role: 'user', content: [{ type: 'text', text: `my key is ${KEY}, keep it` }] },
    ];
    expect(paths({ messages, llm })).toEqual([['messages', 1, 'content', 0, 'text']]);
  });

  it('is reported with the path of the object if a property name contains the key', () => {
    const faults = findMisplacedKeys({ metadata: { [KEY]: { deeper: KEY } }, llm });
    expect(faults.map(({ path }) => path)).toEqual([['metadata']]);
    expect(JSON.stringify(faults)).not.toContain(KEY);
  });

  it('is reported for the other fields of llm too', () => {
    expect(paths({ llm: { ...llm, base_url: `https://h.example/${KEY}` } })).toEqual([
      ['llm', 'base_url'],
    ]);
  });

  it.each(LLM_SECRET_FIELDS)('is found for the secret field llm.%s', (field) => {
    const body = { content: `see ${KEY}`, llm: { provider: 'openai', [field]: KEY } };
    expect(paths(body)).toEqual([['content']]);
  });

  it('is found for a key under its other name, and without its line break', () => {
    const body = { content: KEY, llm: { api_key: `${KEY}\n` } };
    expect(paths(body)).toEqual([['content']]);
  });
});

describe('a body with its key in the right place only', () => {
  it.each([
    { content: 'hello', llm },
    { content: 'short', llm: { ...llm, key: 'short' } },
    { content: 'no llm' },
    { content: 'x', llm: { key: 7 } },
    { content: 'x', llm: null },
    null,
    [KEY],
  ])('%j has no fault', (body) => {
    expect(paths(body)).toEqual([]);
  });
});

describe('a batch', () => {
  const other = { ...llm, key: 'sk-second-0123456789' };

  it.each<[string, object, (string | number)[][]]>([
    ['the batch’s, in an item', { llm, writes: [{ content: KEY }] }, [['writes', 0, 'content']]],
    ['an item’s, in itself', { writes: [{ llm, content: KEY }] }, [['writes', 0, 'content']]],
    [
      'an item’s, in another one',
      {
        writes: [
          { llm: other, content: 'x' },
          { llm, content: `see ${other.key}` },
        ],
      },
      [['writes', 1, 'content']],
    ],
    ['an item’s, beside the items', { writes: [{ llm }], note: KEY }, [['note']]],
    ['one of very many', { writes: manyWrites(), note: 'sk-number-000000777' }, [['note']]],
  ])('with a key in another place is reported with the path: %s', (_what, body, places) => {
    expect(paths(body)).toEqual(places);
  });

  it('may have one key per item, and the same key in several items', () => {
    expect(paths({ llm, writes: [{ llm }, { llm: other }, ...manyWrites()] })).toEqual([]);
  });

  it('is not searched below the maximum depth, because such a body is refused', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}"${KEY}"${'}'.repeat(100_000)}`) as unknown;
    expect(paths({ llm, metadata: deep })).toEqual([]);
  });
});

function manyWrites() {
  return Array.from({ length: 1_000 }, (_, index) => ({
    llm: { ...llm, key: `sk-number-${String(index).padStart(9, '0')}` },
  }));
}

const HEX_KEY = '0123456789abcdef0123456789abcdef'.replace('4', 'e');
const traceparent = (traceId: string, parentId = 'b7ad6b7169203331'): string =>
  `00-${traceId}-${parentId}-01`;

describe('a header', () => {
  it.each([
    ['the key as trace id', traceparent(HEX_KEY), HEX_KEY],
    ['a key in capitals, in small letters', traceparent(HEX_KEY), HEX_KEY.toUpperCase()],
    ['half a key as parent id', traceparent('1'.repeat(32), HEX_KEY.slice(16)), HEX_KEY],
    ['half of a longer key', traceparent(HEX_KEY), `${'9'.repeat(32)}${HEX_KEY}`],
    ['twelve characters of a key', 'request-3456789.abcd', 'sk-3456789.abcd-more'],
  ])('contains a part of a key: %s', (_what, header, key) => {
    expect(holdsPartOf(['sk-another-key-of-many', key], header)).toBe(true);
  });

  it.each([
    ['eleven characters of a key', 'request.3456789abcd', 'sk-3456789abcd'],
    ['another trace id', traceparent('0af7651916cd43dd8448eb211c80319c'), HEX_KEY],
    ['less than a part', 'short', HEX_KEY],
  ])('contains no part of a key: %s', (_what, header, key) => {
    expect(holdsPartOf([key], header)).toBe(false);
  });

  it('is checked in linear time against 8 MB of keys that begin like it', () => {
    const keys = Array.from({ length: 1_000 }, () => 'ab'.repeat(4_096));
    const start = process.cpuUsage();
    expect(holdsPartOf(keys, 'abababababacabababababacababababa')).toBe(false);
    expect(process.cpuUsage(start).user).toBeLessThan(20_000_000);
  });
});
