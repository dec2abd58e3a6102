import { describe, expect, it } from 'vitest';

import { searchText } from './search-text.js';

describe('a text to be searched', () => {
  it('is left as it is where words have spaces and no marks', () => {
    expect(searchText('Ana lives in Rome, не в Москве; في القاهرة')).toBe(
      'Ana lives in Rome, не в Москве; في القاهرة',
    );
  });

  it.each([
    ['Müller', 'Müller muller'],
    ['Mu\u0308ller', 'Müller muller'],
    ['STRAẞE', 'STRAẞE strasse'],
    ['el año', 'el año ano'],
    ['łódź', 'łódź lodz'],
    ['Αθήνα', 'Αθήνα αθηνα'],
    ['живёт мой', 'живёт живет мой'],
    ['مُحَمَّد', 'مُحَمَّد محمد'],
    ['أحمد', 'أحمد احمد'],
    ['ＡＢＣ１２３', 'ABC123'],
    ['ｶﾌｪ', 'カフ フェ'],
  ])('has %s as %s', (text, words) => {
    expect(searchText(text).replaceAll(/\s+/g, ' ').trim()).toBe(words);
  });

  it('keeps the vowels of scripts in which they are marks', () => {
    expect(searchText('दिल्ली में')).toBe('दिल्ली में');
    expect(searchText('กรุงเทพ')).toContain('รุ');
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
