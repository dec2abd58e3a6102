import { describe, expect, it } from 'vitest';

import { jsonWithoutFiles, withoutPastedFiles, withoutFiles } from './without-files.js';

const run = (length: number): string => 'aZ09+/_-'.repeat(length).slice(0, length);

const lines = (length: number, count: number): string =>
  [...Array.from({ length: count }, () => run(length)), run(20)].join('\n');
const HASHES = 'a1b2c3d4'.repeat(8).concat('\n').repeat(40);

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
    ['lines of 76 characters', lines(76, 30), '[data]'],
    ['lines of 64 characters inside a text', `<${lines(64, 30)}>`, '<[data]>'],
    ['lines that end with CR LF', lines(76, 30).replaceAll('\n', '\r\n'), '[data]'],
    ['a list of hashes', 'a1b2c3d4'.repeat(8).concat('\n').repeat(40), HASHES],
    ['lines of words', 'onelongword\n'.repeat(300), 'onelongword\n'.repeat(300)],
    ['a data URL', 'a data:image/png;base64,aGk= b', 'a [image] b'],
    ['a data URL with parameters', 'data:audio/wav;a=b;base64,aGk', '[audio]'],
    ['a data URL of another kind', 'data:application/pdf;base64,aGk=', '[data]'],
    ['a data URL of text', 'data:text/plain,hi', 'data:text/plain,hi'],
  ])('keeps everything except files: %s', (_what, text, kept) => {
    expect(withoutFiles(text)).toBe(kept);
  });

  it.each(Array.from({ length: 21 }, (_, at) => at * 100))(
    'loses a run of base64 at any position: %d',
    (at) => {
      const before = 'x '.repeat(at / 2);
      expect(withoutFiles(`${before}${run(1_000)} y`)).toBe(`${before}[data] y`);
    },
  );

  it('is read in linear time', () => {
    const begun = process.cpuUsage();
    const units = ['word ', `${run(999)} `, 'data:image/png;base64,', 'data:', ';base64,', 'x'];
    for (const unit of [
      ...units,
      `${'x'.repeat(76)}\n`,
      `${'x'.repeat(999)}\n`,
      'x\n',
      `${run(76)}\n`,
    ]) {
      const text = unit.repeat(Math.ceil(2_000_000 / unit.length));
      withoutFiles(text);
      withoutPastedFiles(text);
    }
    expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000);
  });
});

describe('a text of a person', () => {
  it('loses long data URLs and base64', () => {
    expect(withoutPastedFiles(`![x](data:image/png;base64,${run(2_000)})`)).toBe('![x]([image])');
    expect(withoutPastedFiles('data:image/png;base64,aGk=')).toBe('data:image/png;base64,aGk=');
    expect(withoutPastedFiles(`see ${run(2_000)}==`)).toBe('see [data]');
    expect(withoutPastedFiles(run(999))).toBe(run(999));
    expect(withoutPastedFiles('x'.repeat(5_000))).toBe('x'.repeat(5_000));
    expect(withoutPastedFiles('ha'.repeat(5_000))).toBe('ha'.repeat(5_000));
  });
});

it('writes a value of a tool as JSON without files', () => {
  expect(jsonWithoutFiles({ a: [run(1_000), 'x', null, 1], b: 'data:image/gif;base64,x' })).toBe(
    '{"a":["[data]","x",null,1],"b":"[image]"}',
  );
  const data = Array.from({ length: 256 }, (_, byte) => byte);
  expect(jsonWithoutFiles({ type: 'Buffer', data })).toBe('{"type":"Buffer","data":"[data]"}');
  expect(jsonWithoutFiles([256, ...data])).toContain('[256,0,1,');
});
