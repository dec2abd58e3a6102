import { describe, expect, it } from 'vitest';

import { factText, splitFactText } from './fact-text.js';

const joined = (parts: readonly string[]): string => parts.join('').replaceAll(/\s/g, '');

describe('the text of a fact', () => {
  it.each([
    ['an indented block', '\n\n    if x:\n      y()\n', '    if x:\n      y()'],
    ['a block behind tabs', '\tone\n\ttwo', '\tone\n\ttwo'],
    ['spaces before a line', '  one line', 'one line'],
    ['spaces before the first line alone', '    Ana runs:\n- a', 'Ana runs:\n- a'],
    ['one line', 'Dana sails.', 'Dana sails.'],
    ['white space around it', ' \n\tDana sails.\n\n', 'Dana sails.'],
    ['CR LF', 'a\r\nb\r\n\r\nc', 'a\nb\n\nc'],
    ['CR', 'a\rb', 'a\nb'],
    ['other line ends', 'a\u2028b\u2029c\u0085d\ve\ff', 'a\nb\nc\nd\ne\nf'],
    ['indents', 'if:\n\tone\n\t\ttwo\n    three', 'if:\n\tone\n\t\ttwo\n    three'],
    ['spaces inside a line', 'a  b\tc', 'a  b\tc'],
    ['blanks at the ends of lines', 'a  \nb\t\nc', 'a\nb\nc'],
    ['two empty lines', 'a\n\n\nb', 'a\n\n\nb'],
    ['many empty lines', 'a\n\n \n\t\n\n\nb\n\n\n\nc', 'a\n\n\nb\n\n\nc'],
    ['a NUL between words', 'a\0b', 'a b'],
    ['a NUL before a space', 'a\0\u0001 b', 'a b'],
    ['escapes of a terminal', 'a\u001b[1mb\u009bc', 'a [1mb c'],
    ['half a character', 'a \ud800b', 'a \ufffdb'],
    ['nothing', ' \0\n ', ''],
    ['emoji and Arabic', '👩‍👩‍👧 مرحبا\nب', '👩‍👩‍👧 مرحبا\nب'],
  ])('of %s', (_what, written, text) => {
    expect(factText(written)).toBe(text);
  });

  it('is normalized in linear time', () => {
    const begun = process.cpuUsage();
    for (const unit of [' ', '\t\n', '\0 ', '\r', 'a \n']) factText(unit.repeat(300_000) + 'x');
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });
});

describe('a text that is longer than one fact may be', () => {
  it.each([
    ['that fits', 'a b', 3, ['a b']],
    ['of paragraphs', 'one.\ntwo\n\nthree', 13, ['one.\ntwo', 'three']],
    ['of lines', 'aaaa\nbbbb\n  cccc', 11, ['aaaa\nbbbb', '  cccc']],
    ['of sentences', 'It is. It was! Or not? So', 16, ['It is. It was!', 'Or not? So']],
    ['of sentences without spaces', 'これは。それは。あれ', 24, ['これは。それは。', 'あれ']],
    ['of words', 'aaaa bbbb cccc', 10, ['aaaa bbbb', 'cccc']],
    ['of one long word', 'aaaaaaaaaa', 4, ['aaaa', 'aaaa', 'aa']],
    ['of emoji', '🙂🙂🙂', 9, ['🙂🙂', '🙂']],
    ['whose only line end stands at its beginning', 'a\nbbbbbbbbbbbb', 8, ['a\nbbbbbb', 'bbbbbb']],
  ])('is cut in parts: %s', (_what, text, bytes, parts) => {
    expect(splitFactText(text, bytes)).toEqual(parts);
  });

  it('is split without losing anything but white space', () => {
    const text = 'Dana 日本語 said: "No!"\n\n\tcode(🙂) {\n}\n'.repeat(500);
    for (const bytes of [50, 333, 4_096]) {
      const parts = splitFactText(text, bytes);
      expect(joined(parts)).toBe(joined([text]));
      expect(Math.max(...parts.map((part) => Buffer.byteLength(part)))).toBeLessThanOrEqual(bytes);
    }
  });
});
