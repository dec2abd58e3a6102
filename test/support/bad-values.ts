/** A word that no answer to a refused request may repeat. */
export const CANARY = 'qqcanaryqq';

const nested = (depth: number): unknown => {
  let value: unknown = CANARY;
  for (let level = 0; level < depth; level += 1) value = level % 2 ? { a: value } : [value];
  return value;
};

/** Values by their description. Each is sent in every field of every body, and is wrong in most of them. */
export const BAD_VALUES: Readonly<Record<string, unknown>> = {
  'a number': 12,
  'a fraction': 1.5,
  'a negative number': -1,
  'a number over 32 bits': 2_147_483_648,
  'a number over 53 bits': 2 ** 53 + 2,
  'the largest number': Number.MAX_VALUE,
  'the least number': -Number.MAX_VALUE,
  true: true,
  'a text': CANARY,
  'an empty text': '',
  'white space': ' \t\n',
  'a text of 300 characters': 'x'.repeat(300),
  'a text of 40,000 characters': 'x'.repeat(40_000),
  'a text that is long in bytes': '猫'.repeat(20_000),
  'control characters': `\u0001\u001b[2J${CANARY}\u007f`,
  'line breaks': `${CANARY}\r\nX-Injected: 1`,
  'a NUL': `a\0${CANARY}`,
  'half a surrogate pair': `\ud83d${CANARY}`,
  'emoji and marks': '👩‍👩‍👧‍👦 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢ 🇩🇪',
  'text that runs the other way': '\u202e' + CANARY + '\ufeff\u200f',
  'an escape that a URL has': '%00%ff%zz',
  'a path': '../../../../etc/passwd',
  SQL: `'; drop table memories; --`,
  'a template': '{{7*7}} ${7*7} $1 %s',
  'the name of a prototype': '__proto__',
  'the name of a constructor': 'constructor',
  null: null,
  'an empty list': [],
  'a list of one': [CANARY],
  'a list of lists': [[CANARY]],
  'a long list': Array.from({ length: 2_000 }, () => 'x'),
  'a list of nothing': [null],
  'an empty object': {},
  'an object': { a: CANARY },
  'an object with a prototype': JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'),
  'an object with a constructor': { constructor: { prototype: { polluted: true } } },
  'an object with its own methods': { toString: 1, valueOf: 2, toJSON: 3, length: -1 },
  'an object with odd names': { '': 1, ' ': 2, 'a.b': 3, 'a/b~c': 4, '0': 5, [`\ud800`]: 6 },
  'an object with many names': Object.fromEntries(
    Array.from({ length: 1_000 }, (_, at) => [`n${at}`, at]),
  ),
  'something nested': nested(40),
  'something nested deeply': nested(2_000),
  'a day that does not exist': '2026-02-30T00:00:00Z',
  'a date without an offset': '2026-05-01T09:30:00',
  'the first year': '0000-01-01T00:00:00Z',
  'the last moment': '9999-12-31T23:59:59.999-23:59',
  'a year of six digits': '+275760-09-13T00:00:00.001Z',
  'an id of nobody': '00000000-0000-4000-8000-000000000000',
  'an id with more': '00000000-0000-4000-8000-000000000000x',
};

/** Bad values of a query parameter, as query strings. Some repeat the parameter or write it as a list or an object. */
export function badQueries(name: string): Readonly<Record<string, string>> {
  const texts = Object.entries(BAD_VALUES).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length < 1_000,
  );
  const encoded = texts.map(([what, text]) => [
    what,
    `${name}=${encodeURIComponent(text.toWellFormed())}`,
  ]);
  return {
    ...(Object.fromEntries(encoded) as Record<string, string>),
    'given twice': `${name}=a&${name}=b`,
    'given a hundred times': Array.from({ length: 101 }, (_, at) => `${name}=${at}`).join('&'),
    'without a value': name,
    'as a list': `${name}[]=${CANARY}`,
    'as an object': `${name}[a]=${CANARY}`,
    'as an object of objects': `${name}[a][b]=${CANARY}`,
    'as a prototype': `${name}[__proto__]=${CANARY}`,
    'as a constructor': `${name}[constructor][prototype][polluted]=1`,
    'a zero': `${name}=0`,
    'a negative number': `${name}=-1`,
    'a large number': `${name}=99999999999999999999`,
    'an exponent': `${name}=1e3`,
    'a hexadecimal number': `${name}=0x10`,
    'no number': `${name}=NaN`,
    'a NUL': `${name}=%00`,
    'half a surrogate pair': `${name}=%ed%a0%80`,
    'bytes that are no UTF-8': `${name}=%ff%fe`,
    'an escape that is none': `${name}=%zz`,
    'very long': `${name}=${'x'.repeat(7_000)}`,
  };
}

/** Segments of a path that are not ids. */
export const BAD_IDS: Readonly<Record<string, string>> = {
  'a word': CANARY,
  'a number': '1',
  'a NUL': '%00',
  'a slash': 'a%2Fb',
  'a parent': '%2e%2e',
  'half a surrogate pair': '%ed%a0%80',
  'bytes that are no UTF-8': '%ff',
  'an escape that is none': '%zz',
  'a prototype': '__proto__',
  'a constructor': 'constructor',
  SQL: encodeURIComponent(`' or 1=1 --`),
  'an id in braces': '%7B00000000-0000-4000-8000-000000000000%7D',
  'an id without dashes': '00000000000040008000000000000000',
  'an id of nobody': '00000000-0000-4000-8000-000000000000',
  'the largest id': 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  emoji: encodeURIComponent('🐈'),
  'very long': 'x'.repeat(8_000),
  'too long': 'x'.repeat(12_000),
};

const JSON_TYPE = 'application/json';

/** Bodies that are wrong as a whole, with their content types. */
export const BAD_BODIES: Readonly<
  Record<string, readonly [type: string | undefined, body: string | Buffer]>
> = {
  nothing: [JSON_TYPE, ''],
  'nothing, of no type': [undefined, ''],
  'no JSON': [JSON_TYPE, `{"a": ${CANARY}`],
  'JSON and more': [JSON_TYPE, `{} ${CANARY}`],
  'a list': [JSON_TYPE, '[]'],
  'a text': [JSON_TYPE, `"${CANARY}"`],
  'a number': [JSON_TYPE, '1e999'],
  null: [JSON_TYPE, 'null'],
  true: [JSON_TYPE, 'true'],
  NaN: [JSON_TYPE, 'NaN'],
  'a byte order mark': [JSON_TYPE, '\ufeff{}'],
  'a comment': [JSON_TYPE, '{/* */}'],
  'only a prototype': [JSON_TYPE, '{"__proto__": {"polluted": true}}'],
  'only a constructor': [JSON_TYPE, '{"constructor": {"prototype": {"polluted": true}}}'],
  'a name twice': [JSON_TYPE, '{"llm": 1, "llm": {"key": []}, "llm": {"key": {"a": 1}}}'],
  'lists in lists': [JSON_TYPE, '['.repeat(100_000)],
  'lists in lists, closed': [JSON_TYPE, '['.repeat(50_000) + ']'.repeat(50_000)],
  'objects in objects': [JSON_TYPE, `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  'bytes that are no UTF-8': [JSON_TYPE, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  'UTF-16': [JSON_TYPE, Buffer.from('{}', 'utf16le')],
  NULs: [JSON_TYPE, Buffer.alloc(1_000)],
  'more than 2 MiB': [JSON_TYPE, `{"x": "${'x'.repeat(2 * 1024 * 1024)}"}`],
  'many names': [
    JSON_TYPE,
    JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`n${at}`, 1]))),
  ],
  'a form': ['application/x-www-form-urlencoded', `a=${CANARY}`],
  parts: ['multipart/form-data; boundary=x', `--x\r\n\r\n${CANARY}\r\n--x--`],
  'plain text': ['text/plain', CANARY],
  XML: ['application/xml', `<a>${CANARY}</a>`],
  'a type that is none': ['json', '{}'],
  'a type of another character set': ['application/json; charset=utf-16', '{}'],
  'no type': [undefined, '{}'],
  bytes: ['application/octet-stream', Buffer.from([0, 1, 2, 255])],
};
