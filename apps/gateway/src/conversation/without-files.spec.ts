import { describe, expect, it } from 'vitest';

import { jsonWithoutFiles, withoutDataUrls, withoutFiles } from './without-files.js';

const run = (length: number): string => 'aZ09+/_-'.repeat(length).slice(0, length);

describe('a text of a tool', () => {
  it.each<[string, string, string]>([
    ['nothing', '', ''],
    ['words', 'word '.repeat(1_000), 'word '.repeat(1_000)],
    ['a run of 999 characters', run(999), run(999)],
    ['a run of 1,000 characters', run(1_000), '[data]'],
    ['a run with padding', `${run(1_000)}==`, '[data]'],
    ['a run inside a text', `{"a":"${run(1_500)}","b":1}`, '{"a":"[data]","b":1}'],
    ['two runs', `${run(1_200)} and ${run(3_333)}.`, '[data] and [data].'],
    ['a run behind a short one', `${run(700)} ${run(1_001)}`, `${run(700)} [data]`],
    ['letters of another script', '日'.repeat(3_000), '日'.repeat(3_000)],
    ['a data URL', 'a data:image/png;base64,aGk= b', 'a [image] b'],
    ['a data URL with parameters', 'data:audio/wav;a=b;base64,aGk', '[audio]'],
    ['a data URL of another kind', 'data:application/pdf;base64,aGk=', '[data]'],
    ['a data URL of text', 'data:text/plain,hi', 'data:text/plain,hi'],
  ])('keeps all but files: %s', (_what, text, kept) => {
    expect(withoutFiles(text)).toBe(kept);
  });

  it.each(Array.from({ length: 21 }, (_, at) => at * 100))('loses a run at any place: %d', (at) => {
    const before = 'x '.repeat(at / 2);
    expect(withoutFiles(`${before}${run(1_000)} y`)).toBe(`${before}[data] y`);
  });

  it('is read in linear time', () => {
    const begun = performance.now();
    for (const unit of ['word ', `${run(999)} `, 'data:image/png;base64,', 'data:', ';base64,'])
      withoutFiles(unit.repeat(Math.ceil(2_000_000 / unit.length)));
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});

describe('a text of a person', () => {
  it('loses long data URLs alone', () => {
    expect(withoutDataUrls(`![x](data:image/png;base64,${run(2_000)})`)).toBe('![x]([image])');
    expect(withoutDataUrls('data:image/png;base64,aGk=')).toBe('data:image/png;base64,aGk=');
    expect(withoutDataUrls(run(2_000))).toBe(run(2_000));
  });
});

it('a value of a tool is JSON without files', () => {
  expect(jsonWithoutFiles({ a: [run(1_000), 'x', null, 1], b: 'data:image/gif;base64,x' })).toBe(
    '{"a":["[data]","x",null,1],"b":"[image]"}',
  );
});
