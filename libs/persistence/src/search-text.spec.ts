import { describe, expect, it } from 'vitest';

import { searchText } from './search-text.js';

describe('a text to be searched', () => {
  it('is left as it is where words have spaces', () => {
    expect(searchText('Zoë wohnt in München, не в Москве; في القاهرة')).toBe(
      'Zoë wohnt in München, не в Москве; في القاهرة',
    );
  });

  it('is cut into overlapping pairs where they have none, Han characters also one by one', () => {
    expect(searchText('東京に住む').trim()).toBe('東 東京 京 京に に住 住 住む');
    expect(searchText('ラーメン').trim()).toBe('ラー ーメ メン');
    expect(searchText('กรุงเทพ').trim().split(' ')).toContain('กร');
  });

  it('keeps the two apart in mixed text, and a single character whole', () => {
    expect(searchText('Anaは猫が2匹')).toBe('Ana は猫 猫 猫が 2 匹 ');
  });

  it('is bounded, and never ends in half a character', () => {
    const long = searchText('🙂'.repeat(100_000));
    expect(long.length).toBeLessThanOrEqual(40_000);
    expect(long.isWellFormed()).toBe(true);
    expect(searchText('東'.repeat(100_000)).length).toBeLessThanOrEqual(160_000);
  });
});
