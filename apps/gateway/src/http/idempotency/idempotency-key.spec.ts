import { describe, expect, it } from 'vitest';

import { canonicalForm, fingerprintOf } from './idempotency-key.js';

const LLM = { provider: 'openai', model: 'gpt-5-mini', key: 'sk-canary-0123456789' };

describe('the canonical form of a body', () => {
  it.each<[string, string, string]>([
    ['the order of names', '{"a":1,"b":{"c":2,"d":[3]}}', '{"b":{"d":[3],"c":2},"a":1}'],
    ['white space', '{"a":[1,2]}', ' { "a" : [ 1 , 2 ] } '],
    ['the notation of numbers and texts', '{"a":1,"b":"é"}', '{"a":1.0,"b":"\\u00e9"}'],
    ['a name that is given twice: the last counts', '{"a":2}', '{"a":1,"a":2}'],
    [
      'the key of llm, under either name',
      JSON.stringify({ llm: LLM, content: 'x' }),
      JSON.stringify({ content: 'x', llm: { ...LLM, key: undefined, api_key: 'sk-other' } }),
    ],
    [
      'the keys of a batch’s writes',
      JSON.stringify({ writes: [{ llm: LLM }, {}], llm: LLM }),
      JSON.stringify({
        writes: [{ llm: { ...LLM, key: 'sk-other' } }, {}],
        llm: { ...LLM, key: '' },
      }),
    ],
  ])('is the same despite %s', (_what, one, other) => {
    expect(canonicalForm(JSON.parse(one))).toBe(canonicalForm(JSON.parse(other)));
    expect(canonicalForm(JSON.parse(one))).not.toContain('canary');
  });

  it.each<[string, unknown, unknown]>([
    ['a value', { a: 1 }, { a: 2 }],
    ['a type', { a: 1 }, { a: '1' }],
    ['null and absent', { a: null }, {}],
    ['the order of a list', { a: [1, 2] }, { a: [2, 1] }],
    ['where a list ends', { a: [[1], 2] }, { a: [[1, 2]] }],
    ['where a text ends', { a: '1",' }, { a: '1', '': '' }],
    ['a model', { llm: LLM }, { llm: { ...LLM, model: 'gpt-5' } }],
    ['that there is an llm', { llm: { key: 'k' } }, {}],
    [
      'a key that is no llm’s',
      { metadata: { llm: { key: 'a' } } },
      { metadata: { llm: { key: 'b' } } },
    ],
    [
      'a key too deep down',
      { a: { b: { c: { d: { key: 'a' } } } } },
      { a: { b: { c: { d: { key: 'b' } } } } },
    ],
    ['an own property called __proto__', JSON.parse('{"__proto__":1}'), {}],
  ])('differs by %s', (_what, one, other) => {
    expect(canonicalForm(one)).not.toBe(canonicalForm(other));
  });

  it('can be computed for the deepest and largest body that is allowed', () => {
    const deep = JSON.parse('['.repeat(1_000) + ']'.repeat(1_000)) as unknown;
    expect(canonicalForm(deep)).toHaveLength(2_999);
    const wide = Array.from({ length: 500_000 }, () => 1);
    expect(canonicalForm(wide)).toHaveLength(1_000_002);
  });
});

describe('a fingerprint', () => {
  const body = { value: { content: 'x' } };
  const fingerprint = fingerprintOf('key-1', body, null);

  it('is the same for the same body under the same key', () => {
    expect(fingerprintOf('key-1', { value: { content: 'x' } }, null)).toEqual(fingerprint);
    expect(fingerprint).toHaveLength(32);
  });

  it('differs for another key, another body, and an API key that is bound to a tenant', () => {
    const others = [
      fingerprintOf('key-2', body, null),
      fingerprintOf('key-1', { value: { content: 'y' } }, null),
      fingerprintOf('key-1', body, 'blue'),
      fingerprintOf('key-1', body, ''),
    ];
    expect(new Set([fingerprint, ...others].map(String)).size).toBe(5);
  });

  it('covers the bytes of a body that is not JSON', () => {
    const bytes = { bytes: Buffer.from('{"content":') };
    expect(fingerprintOf('k', bytes, null)).toEqual(
      fingerprintOf('k', { bytes: Buffer.from(bytes.bytes) }, null),
    );
    expect(fingerprintOf('k', bytes, null)).not.toEqual(
      fingerprintOf('k', { bytes: Buffer.from('{"content": ') }, null),
    );
  });
});
