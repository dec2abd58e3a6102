import { describe, expect, it } from 'vitest';

import { BATCH_BOUNDS, boundsFault, SINGLE_BOUNDS } from './request-body.js';

const faultOf = (text: string, bounds = SINGLE_BOUNDS): string | undefined =>
  boundsFault(Buffer.from(text), bounds);
const list = (count: number, item: string): string => `[${Array(count).fill(item).join(',')}]`;

describe('the bounds of a body', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['a value', '7'],
    ['a write', '{"content":"Ada sails."}'],
    ['as many values as it may have', list(99_999, '""')],
    ['a text of two megabytes', `{"content":"${'x'.repeat(2_000_000)}"}`],
    ['signs of JSON in a text', `{"content":"${'[{,:'.repeat(200_000)}"}`],
    ['quotes in a text', `{"content":"${String.raw`\"[,`.repeat(200_000)}"}`],
    ['a backslash at the end of a text', `["\\\\",${list(10, '"\\\\"')}]`],
    ['lists as deep as they may be', '['.repeat(65) + ']'.repeat(65)],
    ['many small objects', list(30_000, '{"a":1}')],
  ])('allow %s', (_what, text) => {
    expect(faultOf(text)).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['empty texts', list(100_001, '""'), 'must hold at most 100,000 values'],
    ['empty lists', list(60_000, '[]'), 'must hold at most 100,000 values'],
    ['numbers in objects', list(60_000, '{"a":1}'), 'must hold at most 100,000 values'],
    ['pairs', list(1_000, list(200, '0')), 'must hold at most 100,000 values'],
    [
      'names in one object',
      `{${Array.from({ length: 2_001 }, (_, at) => `"n${at}":0`).join(',')}}`,
      'must hold at most 2,000 properties in one object',
    ],
    ['lists in lists', '['.repeat(66), 'is nested deeper than 64 levels'],
    ['objects in objects', '{"a":'.repeat(66), 'is nested deeper than 64 levels'],
  ])('refuse too many %s', (_what, text, message) => {
    expect(faultOf(text)).toBe(message);
  });

  it('are wider for a batch', () => {
    expect(faultOf(list(999_999, '0'), BATCH_BOUNDS)).toBeUndefined();
    expect(faultOf(list(1_000_001, '0'), BATCH_BOUNDS)).toBe('must hold at most 1,000,000 values');
    expect(faultOf('['.repeat(1_000), BATCH_BOUNDS)).toBeUndefined();
    expect(faultOf('['.repeat(1_001), BATCH_BOUNDS)).toBe('is nested deeper than 64 levels');
  });

  it('are checked in linear time for any bytes', () => {
    expect(faultOf(']'.repeat(1_000_000))).toBeUndefined();
    expect(faultOf('"'.repeat(1_000_001))).toBeUndefined();
    expect(faultOf('"\\')).toBeUndefined();
  });
});
