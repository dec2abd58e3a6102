import { describe, expect, it } from 'vitest';

import { repairedJson } from './repaired-json.js';

const fact = (text: string) => ({ facts: [{ fact: text }] });

describe('JSON with a fault that models make', () => {
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
  ])('%s', (_fault, text, value) => {
    expect(repairedJson(text)).toEqual(value);
  });
});

describe('a text that is not repaired', () => {
  it.each([
    ['a value that breaks off in a string', '{"facts":[{"fact":"Ana"},{"fact":"B'],
    ['a value that breaks off between two', '{"facts":[{"fact":"Ana"}'],
    ['a value that breaks off before its last bracket', '{"facts":[{"fact":"Ana"}]'],
    ['a name that breaks off', '{"Ana lives in"'],
    ['two values', '{"fact":"Ana"}\n{"fact":"Bo"}'],
    ['more than may be repaired', `{"fact":"${'a'.repeat(70_000)}",}`],
    ['brackets without an end', '['.repeat(60_000)],
    ['quotes without an end', '["'.repeat(30_000)],
  ])('%s', (_title, text) => {
    expect(repairedJson(text)).toBeUndefined();
  });
});
