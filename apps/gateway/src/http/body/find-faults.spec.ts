import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { findFaults } from './find-faults.js';

const message = z
  .object({
    role: z.string(),
    content: z.union([z.string(), z.array(z.object({ text: z.string() })).max(3)]),
  })
  .transform(({ role }) => role);
const schema = z
  .object({
    content: z.string().refine(Boolean).nullish(),
    messages: z.array(message).max(5).nullish(),
    metadata: z.record(z.string(), z.unknown()).refine(Boolean).nullish(),
    either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]).optional(),
    at: z.preprocess((value) => value, z.iso.datetime()).default('2026-01-01T00:00:00Z'),
    llm: z.strictObject({ key: z.string().optional() }).optional(),
  })
  .superRefine(() => undefined)
  .transform((body) => body);

const find = (body: unknown, holdsKey = (_name: string) => false) =>
  findFaults(body, schema, holdsKey);
const ignoredIn = (body: unknown, holdsKey?: (name: string) => boolean) =>
  find(body, holdsKey)
    .unknown.warnings()
    .map(({ path, message: said }) => `${path} ${said}`);
const refusedIn = (body: unknown, isStrict = false) =>
  find(body)
    .unknown.faults(isStrict)
    .map(({ path, message: said }) => `/${path.join('/')} ${said}`);
const textsIn = (body: unknown) => find(body).texts.map(({ path }) => `/${path.join('/')}`);

describe('a field that the schema does not know', () => {
  it.each<[string, unknown, string]>([
    ['of the body', { mood: 'x' }, '/mood'],
    ['of an item of a list', { messages: [{}, { mood: 'x' }] }, '/messages/1/mood'],
    [
      'of an object that may also be a text',
      { messages: [{ content: [{ mood: 'x' }] }] },
      '/messages/0/content/0/mood',
    ],
    ['of one of several shapes', { either: { a: 'x', mood: 1 } }, '/either/mood'],
  ])('%s is reported with its path', (_what, body, path) => {
    expect(ignoredIn(body)).toEqual([`${path} is not known and was ignored`]);
    expect(refusedIn(body)).toEqual([]);
    expect(refusedIn(body, true)).toEqual([`${path} is not known`]);
  });

  it('is not reported if the schema allows any name or refuses the field itself', () => {
    const metadata = { user_id: 'ada', deeper: { mood: 1, userId: [{ agent_id: 1 }] } };
    const body = { metadata, either: { a: 'x', b: 'x' }, at: {}, llm: { mood: 1 } };
    expect(ignoredIn(body)).toEqual([]);
    expect(refusedIn(body, true)).toEqual([]);
  });

  it('that is a filter is searched for names of end users only', () => {
    expect(refusedIn({ filters: { AND: [{ user_id: 'ada' }, { mood: 1 }] } })).toEqual([
      '/filters/AND/0/user_id is not known; for one end user use `tenant_id`',
    ]);
    expect(refusedIn({ filters: { mood: [{ deep: { deeper: { user_id: 'ada' } } }] } })).toEqual(
      [],
    );
    expect(refusedIn({ other: { user_id: 'ada' } })).toEqual([]);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`name${n}`, {}]));
    expect(refusedIn({ filter: { ...many, user_id: 'ada' } })).toEqual([]);
  });

  it.each([
    ['mesages', 'messages'],
    ['Content', 'content'],
    ['meta_data', 'metadata'],
    ['text', 'content'],
    ['metdaata', 'metadata'],
  ])('is reported with the known name that it resembles: %s', (name, meant) => {
    expect(ignoredIn({ [name]: 'x' })).toEqual([
      `/${name} is not known and was ignored; did you mean \`${meant}\`?`,
    ]);
  });

  it('is not quoted if its name might be a secret or a text', () => {
    const names = [
      'sk-ant-api03-0123456789abcdef',
      '0123456789abcdef0123456789abcdef',
      'x'.repeat(65),
      'My name is Ada',
      'a\nb',
      '<script>',
      'ollama',
      'sk-ant-letters-alone',
      'AIzaLettersAlone',
      'gsk_letters',
      'aurra_letters',
    ];
    const body = Object.fromEntries(names.map((name) => [name, 1] as const)) as object;
    expect(ignoredIn({ messages: [body] }, (name) => name.includes('ollama'))).toEqual(
      Array(names.length).fill('/messages/0 has a field that is not known and was ignored'),
    );
  });

  it('is named among the first twenty, and counted after that', () => {
    const body = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 1]));
    const said = ignoredIn(body);
    expect(said).toHaveLength(21);
    expect(said.at(-1)).toBe(' has 10 more unknown fields, ignored as well');
    expect(refusedIn(body, true)).toHaveLength(30);
  });

  it('refuses the request if there are thousands of them', () => {
    const many = Array.from({ length: 600 }, (_, at) => ({ [`a${at}`]: 1, [`b${at}`]: 1 }));
    expect(find({ messages: many.slice(0, 5) }).unknown.faults(false)).toEqual([]);
    const body = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`f${at}`, 1]));
    expect(refusedIn(body)).toEqual(['/ has more than 1,000 different fields that are not known']);
  });
});

describe('a name of other products for one end user', () => {
  it.each([
    'user_id',
    'userId',
    'userid',
    'USER-ID',
    'user-id',
    'user_ids',
    'agent_id',
    'agentId',
    'run_id',
    'app_id',
    'containerTag',
    'containerTags',
    'container_tag',
    'bank_id',
    'group_id',
    'groupIds',
    'tenantId',
    'tennant_id',
    'tenant',
    'tenantid',
    'tenent_id',
    'tenants_id',
    'tenant_ids',
    'teannt_id',
    'user_id[]',
  ])('is refused at any place: %s', (name) => {
    const said = 'is not known; for one end user use `tenant_id`';
    expect(refusedIn({ content: 'x', [name]: 'ada' })).toEqual([`/${name} ${said}`]);
    expect(refusedIn({ messages: [{ [name]: null }] })).toEqual([`/messages/0/${name} ${said}`]);
    expect(refusedIn({ llm: { [name]: 'ada' } })).toEqual([`/llm/${name} ${said}`]);
    expect(ignoredIn({ [name]: 'ada' })).toEqual([]);
  });

  it('is refused even as `tenant_id` if the route has no tenant', () => {
    expect(refusedIn({ tenant_id: 'ada' })).toEqual([
      expect.stringContaining(
        '/tenant_id is not taken here; for one end user use `tenant_id` where',
      ),
    ]);
  });

  it.each(['user', 'user_name', 'tent', 'group', 'application', 'tenant_region', 'agents'])(
    'is none of %s',
    (name) => {
      expect(refusedIn({ [name]: 'ada' })).toEqual([]);
    },
  );
});

const nested = (levels: number): unknown =>
  JSON.parse(`${'{"a":'.repeat(levels)}"x"${'}'.repeat(levels)}`);

describe('a text', () => {
  it.each<[string, unknown, string]>([
    ['in a field', { content: 'a\0b' }, '/content'],
    ['in an item', { messages: [{ role: '\ud800' }] }, '/messages/0/role'],
    ['in a part', { messages: [{ content: [{ text: '\0' }] }] }, '/messages/0/content/0/text'],
    ['in what takes any name', { metadata: { a: [1, { b: '\0' }] } }, '/metadata/a/1/b'],
    ['as a name that is not known', { messages: [{ '\0': 1 }] }, '/messages/0'],
    ['as a name', { metadata: { a: { '\0': 1 } } }, '/metadata/a'],
    ['called __proto__', { metadata: JSON.parse('{"__proto__":{}}') as unknown }, '/metadata'],
    [
      'called __proto__, deeper',
      { metadata: { a: JSON.parse('{"__proto__":1}') as unknown } },
      '/metadata/a',
    ],
  ])('that cannot be stored is found %s', (_what, body, path) => {
    expect(textsIn(body)).toEqual([path]);
  });

  it('is not checked in an unknown field or in a value of the wrong type', () => {
    expect(textsIn({ pad: ['\0'], content: ['\0'], messages: { a: '\0' } })).toEqual([]);
  });

  it('that is nested too deeply is one fault of the whole body', () => {
    expect(textsIn({ metadata: nested(63) })).toEqual([]);
    expect(textsIn({ metadata: nested(64) })).toEqual(['/']);
    expect(textsIn({ metadata: { a: nested(100_000) } })).toEqual(['/']);
  });

  it('is reported among at most a hundred faults', () => {
    expect(textsIn({ metadata: { a: Array(5_000).fill('\0') } })).toHaveLength(100);
  });
});

it('cuts a list that is too long, so that its items cost nothing more', () => {
  const body = { messages: Array.from({ length: 50_000 }, () => 7) };
  find(body);
  expect(body.messages).toHaveLength(6);
  expect(schema.safeParse(body).error?.issues.some(({ code }) => code === 'too_big')).toBe(true);
});
