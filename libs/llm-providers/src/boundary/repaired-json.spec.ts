import { describe, expect, it } from 'vitest';

import { repairedJson } from './repaired-json.js';

const fact = (text: string) => ({ facts: [{ fact: text }] });

describe('JSON with a common fault of models', () => {
  it.each<[string, string, unknown]>([
    ['trailing commas', '{"facts":[{"fact":"Ana",},],}', fact('Ana')],
    ['a line comment', '{"facts":[{"fact":"Ana"} // the [only] one\n]}', fact('Ana')],
    ['a block comment', '{/* found */"facts":[{"fact":"Ana"}]}', fact('Ana')],
    ['a raw line break', '{"facts":[{"fact":"Ana\nBo"}]}', fact('Ana\nBo')],
    ['a raw tab', '{"facts":[{"fact":"Ana\tBo"}]}', fact('Ana\tBo')],
    ['single quotes', "{'facts':[{'fact':'Ana'}]}", fact('Ana')],
    ['an apostrophe in single quotes', "{'facts':[{'fact':'Ana's dog'}]}", fact("Ana's dog")],
    ['an escaped apostrophe', "{'facts':[{'fact':'Ana\\'s dog'}]}", fact("Ana's dog")],
    ['smart quotes', '{“facts”:[{“fact”:“Ana’s dog”}]}', fact('Ana’s dog')],
    [
      'quotes in quotes',
      '{"facts":[{"fact":"She said "hi" to Ana"}]}',
      fact('She said "hi" to Ana'),
    ],
    ['no quotes around names', '{facts:[{fact:"Ana"}]}', fact('Ana')],
    [
      'a missing comma',
      '{"facts":[{"fact":"Ana"} {"fact":"Bo"}]}',
      { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] },
    ],
    ['a missing inner bracket', '{"facts":[{"fact":"Ana"]}', fact('Ana')],
    ['a path of Windows', '{"facts":[{"fact":"in C:\\Users\\ana",}]}', fact('in C:\\Users\\ana')],
    ['LaTeX', '{"facts":[{"fact":"\\alpha is \\(x\\)"}]}', fact('\\alpha is \\(x\\)')],
    [
      'words of Python',
      '{"facts":[],"note":None,"sure":True}',
      { facts: [], note: null, sure: true },
    ],
    ['NaN', '{"usage":NaN}', { usage: 'NaN' }],
    ['a list', "['Ana', 'Bo',]", ['Ana', 'Bo']],
  ])('%s', async (_fault, text, value) => {
    await expect(repairedJson(text)).resolves.toEqual(value);
  });
});

describe('a text that cannot be repaired', () => {
  it.each([
    ['a value that breaks off in a string', '{"facts":[{"fact":"Ana"},{"fact":"B'],
    ['a value that breaks off between two', '{"facts":[{"fact":"Ana"}'],
    ['a value that breaks off before its last bracket', '{"facts":[{"fact":"Ana"}]'],
    ['a name that breaks off', '{"Ana lives in"'],
    ['two values', '{"fact":"Ana"}\n{"fact":"Bo"}'],
    ['more than may be repaired', `{"fact":"${'a'.repeat(70_000)}",}`],
    ['brackets without an end', '['.repeat(60_000)],
    ['quotes without an end', '["'.repeat(30_000)],
  ])('%s', async (_title, text) => {
    await expect(repairedJson(text)).resolves.toBeUndefined();
  });
});

const long = (times: number, of: (n: number) => string): string =>
  `{"facts":[${Array.from({ length: times }, (_, n) => of(n)).join(',')},],}`;
const facts = (times: number, of: (n: number) => string) => ({
  facts: Array.from({ length: times }, (_, n) => ({ fact: of(n) })),
});

describe('a long text is repaired in parts', () => {
  it.each<[string, string, unknown]>([
    [
      'a hundred facts with one comma too many',
      long(100, (n) => `{"fact":"Ana said {${n}} and [more] of \\"it\\" that day."}`),
      facts(100, (n) => `Ana said {${n}} and [more] of "it" that day.`),
    ],
    [
      'a hundred facts, each with a fault',
      long(100, (n) => `{'fact': 'Ana's dog is ${n}',}`),
      facts(100, (n) => `Ana's dog is ${n}`),
    ],
    [
      'a fact of many lines',
      long(1, () => `{"fact":"${'a line of code\n\tand one more\n'.repeat(200)}"}`),
      facts(1, () => 'a line of code\n\tand one more\n'.repeat(200)),
    ],
    [
      'a long quotation in single quotes',
      `{'facts': [{'fact': 'Ana said "${'so '.repeat(20)}", and more'}],${' '.repeat(1_000)}}`,
      facts(1, () => `Ana said "${'so '.repeat(20)}", and more`),
    ],
  ])('%s', async (_title, text, value) => {
    expect(text.length).toBeGreaterThan(1_024);
    await expect(repairedJson(text)).resolves.toEqual(value);
  });

  it.each([
    ['one fact that breaks off', `{"facts":[${'{"fact":"Ana"},'.repeat(200)}{"fact":"A`],
    [
      'a fault in more than is repaired at once',
      long(1, () => `{"fact":"${'a "b" '.repeat(400)}"}`),
    ],
    ['prose', `{"facts": [${"it's ".repeat(2_000)}]}`],
  ])('but not %s', async (_title, text) => {
    await expect(repairedJson(text)).resolves.toBeUndefined();
  });

  it('and the event loop runs between the parts', async () => {
    const worst = `{'fact': [${"it's ".repeat(180)}]}`;
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    });
    await repairedJson(`[${Array.from({ length: 60 }, () => worst).join(',')},]`);
    clearInterval(watch);
    expect(longest).toBeLessThan(1_000);
  });
});
