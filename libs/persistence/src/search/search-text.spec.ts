import { describe, expect, it } from 'vitest';

import { questionText, searchText } from './search-text.js';

describe('a searched text', () => {
  it('stays as it is when its words have spaces and no diacritics', () => {
    expect(searchText('Ana lives in Rome, не в Москве; في القاهرة')).toBe(
      'Ana lives in Rome не в Москве في فی القاهرة القاهره',
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
    ['ＡＢＣ', 'ABC'],
    ['ｶﾌｪ', 'カフ フェ'],
  ])('has %s as %s', (text, words) => {
    expect(searchText(text).replaceAll(/\s+/g, ' ').trim()).toBe(words);
  });

  it('keeps marks in scripts where they are vowels', () => {
    expect(searchText('दिल्ली में')).toBe('दिल्ली में');
    expect(searchText('กรุงเทพ')).toContain('รุ');
  });

  it('is cut into overlapping pairs in scripts without spaces, and Han characters also alone', () => {
    expect(searchText('東京に住む').trim()).toBe('東 東京 京 京に に住 住 住む');
    expect(searchText('ラーメン').trim()).toBe('ラー ーメ メン');
    expect(searchText('กรุงเทพ').trim().split(' ')).toContain('กร');
  });

  it('separates scripts in mixed text, and keeps a single character', () => {
    expect(searchText('Anaは猫が2匹')).toBe('Ana は猫 猫 猫が 2 匹');
  });

  it('is cut at its maximum length without splitting a character', () => {
    const long = searchText('🙂'.repeat(100_000));
    expect(long.length).toBeLessThanOrEqual(40_000);
    expect(long.isWellFormed()).toBe(true);
    expect(searchText('東'.repeat(100_000)).length).toBeLessThanOrEqual(160_000);
  });
});

describe('an identifier', () => {
  it.each([
    ['user_id', 'userid', 'user id ːuserːid'],
    ['userId', 'userId', 'user Id ːuserːId'],
    ['user-id', 'user id', 'userid ːuserːid'],
    ['v2.14.1', 'v2ː14ː1', 'v2 ː2ː14 ː14ː1'],
    ['2.14', '2ː14', 'ː2ː14'],
    ['-40', '40', ''],
    ['ABC-123', 'ABC123', 'ABC 123 ːABCː123'],
    ['LH454', 'LH454', 'LH 454'],
    ['HTTPServer', 'HTTPServer', 'HTTP Server ːHTTPːServer'],
    ['APIs', 'APIs', ''],
    ['a/b.txt', 'abtxt', 'txt btxt ːaːb ːbːtxt'],
    ['https://www.example.com/', 'examplecom', 'example ːexampleːcom'],
    ['log4j', 'log4j', ''],
    ['१२३', '123', ''],
    ['٣٠٤', '304', ''],
    ['๑๙', '19', ''],
    ['𞥑', '1', ''],
    ['12e5abc', 'ː12e5abc', ''],
    ['node.js…', 'nodejs', 'node js ːnodeːjs'],
    ['U.S.A.', 'USA', 'ːUːS ːSːA'],
    ['foo::bar(baz)', 'foobar baz', 'foo bar ːfooːbar'],
    ['می\u200Cرود', 'میرود', 'می رود ːمیːرود'],
  ])('%s is searched as %s and by its parts', (question, words, parts) => {
    expect(questionText(question)).toEqual({ words, parts });
  });

  it.each([
    ['https://x.org/a%20b/M%C3%BCnchen', 'xorga b München munchen'],
    ['C++', 'Cplusplus'],
    ['C#', 'Csharp'],
    ['.NET', 'dotNET'],
    ['Disney+', 'Disneyplus'],
    ['1,250,000.50', '1250000ː50'],
  ])('%s is searched as %s', (question, words) => {
    expect(questionText(question).words).toBe(words);
  });

  it.each([
    ['+49 30 901820', 'ː4930901820'],
    ['(030) 90 18-20', 'ː30901820'],
    ['0030901820', 'ː30901820'],
  ])('the number %s is also searched as %s', (text, word) => {
    expect(questionText(text).parts.split(' ')).toContain(word);
  });

  it.each(['100 200 300 400 500 600 700 800', '2024-03-15', '192.168.100.101', '12 345'])(
    '%s is not a telephone number',
    (text) => {
      expect(questionText(text).parts).not.toMatch(/ː\d{7}/);
    },
  );

  it('is found by the first characters of a hash', () => {
    const hash = '3b18e512dba79e4c8300dd08aeb37f8e728b8dad';
    expect(questionText(hash)).toMatchObject({
      words: hash,
      parts: expect.stringContaining('3b18e51 3b18e512 '),
    });
  });
});

describe('a word that is written in several ways', () => {
  it.each([
    ["Mr O'Brien", 'OBrien'],
    ['L’Oréal', 'loreal'],
    ['Hawaiʻi', 'Hawaii'],
    ["rock'n'roll", 'rocknroll'],
    ["won't", 'wont'],
    ['كتاب', 'کتاب'],
    ['علي', 'علی'],
    ['على', 'علی'],
    ['gpt-4o-mini', 'gpt4o'],
    ['iPhone15', 'iPhone'],
    ['WorldCup2026', 'WorldCup'],
  ])('%s is found by %s', (text, word) => {
    expect(searchText(text).split(' ')).toContain(word);
  });

  it('is the same word in both spellings of Malayalam', () => {
    expect(searchText('ഞാൻ')).toBe(searchText('ഞാന്\u200D'));
  });

  it('loses the quotes around it', () => {
    expect(searchText("he said 'yes' and 'no'")).toBe('he said yes and no');
  });
});

describe('a word in Korean', () => {
  it.each([
    ['서울', '서울', 'ː서울'],
    ['서울에서', '서울 울에', 'ː서울 에서 서울에서'],
    ['책을', '책을', '책'],
    ['고양이', '고양 양이', 'ː고양 고양이'],
  ])('%s is searched as %s, and with a lower weight as %s', (question, words, parts) => {
    expect(questionText(question)).toEqual({ words, parts });
  });
});

describe('invisible characters', () => {
  it.each([
    ['pass\u00ADword', 'password'],
    ['pass\u200B\u2060word\uFEFF', 'password'],
    ['क्\u200Dष', 'क्ष'],
  ])('are removed from words: %s', (text, words) => {
    expect(searchText(text)).toBe(words);
  });

  it('do not join emoji', () => {
    expect(searchText('👩\u200D👧')).toBe(searchText('👩👧'));
    expect(searchText('🇩🇪')).not.toBe(searchText('🇫🇷'));
  });
});
