import { describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const gateway = await perFile(startGateway());

let tenants = 0;

/** The facts that a question finds among those given, the best first. */
async function search(facts: readonly string[], question: string): Promise<readonly string[]> {
  const tenant_id = `tenant-${(tenants += 1)}`;
  for (const content of facts) {
    const { status } = await gateway.send('/agent/memories', { body: { content, tenant_id } });
    expect(status).toBe(200);
  }
  const { json } = await gateway.send('/agent/search', { body: { question, tenant_id } });
  return (json.citations as readonly { decision: string }[]).map(({ decision }) => decision);
}

const OTHER = 'Nothing of the kind.';

describe('a fact with an identifier is found by the identifier and by its parts', () => {
  it.each([
    [
      'The bill is invoice-2024.pdf, unpaid.',
      ['invoice-2024.pdf', 'invoice', '2024', 'invoice 2024'],
    ],
    ['We run v2.14.1 in production.', ['v2.14.1', '2.14.1', '2.14', 'v2.14', 'version 2.14']],
    [
      'Docs: https://api.example.com/v1/users?id=42#top',
      [
        'api.example.com',
        'example.com',
        'https://api.example.com/v1/users?id=42#top',
        'users',
        'v1/users',
      ],
    ],
    [
      'He set max_retry_count to five.',
      ['max_retry_count', 'retry', 'retry_count', 'maxRetryCount'],
    ],
    [
      'It calls getUserById first.',
      ['getUserById', 'user', 'get_user_by_id', 'getuserbyid', 'getUser'],
    ],
    [
      'Class HTTPServerFactory is slow.',
      ['HTTPServerFactory', 'server', 'httpserverfactory', 'factory'],
    ],
    ['The package is my-cool-service.', ['my-cool-service', 'cool', 'cool-service']],
    [
      'Write to ana.lopez+news@mail.example.com.',
      [
        'ana.lopez+news@mail.example.com',
        'lopez',
        'ana.lopez',
        'mail.example.com',
        'example.com',
        'Ana Lopez',
      ],
    ],
    [
      'Edit /etc/nginx/nginx.conf first.',
      ['/etc/nginx/nginx.conf', 'nginx.conf', 'nginx', '/etc/nginx'],
    ],
    [
      'It is in C:\\Users\\ana\\Report_final.docx now.',
      ['Report_final.docx', 'report', 'C:\\Users\\ana'],
    ],
    ['Ticket #1234 is open.', ['#1234', '1234', 'ticket 1234']],
    ['ABC-123 blocks the release.', ['ABC-123', 'ABC123', '123', 'abc']],
    ["Mr O'Brien called.", ["O'Brien", 'O’Brien', 'obrien', 'Brien']],
    ["She uses L'Oréal.", ["L'Oréal", 'loreal', 'l’oreal', 'Oreal']],
    ['A Hawaiʻi trip is booked.', ['Hawaii', "Hawai'i", 'hawaiʻi']],
    ['We use gpt-4o-mini.', ['gpt-4o-mini', 'gpt4o', 'gpt-4o', 'GPT 4o mini', 'gpt4omini']],
    ['He bought an iPhone15.', ['iPhone15', 'iphone 15', 'iPhone']],
    ['The tag is #WorldCup2026.', ['WorldCup2026', 'worldcup', 'world cup']],
    ['She writes C++ all day.', ['C++', 'cplusplus']],
    ['She writes C# all day.', ['C#', 'csharp', 'c#?']],
    ['It is built on .NET and ASP.NET.', ['.NET', 'dotnet', 'asp.net']],
    ['Runs on Node.js today.', ['Node.js', 'nodejs', 'node']],
    ['Call +49 30 901820 at noon.', ['+49 30 901820', '+4930901820', '030 901820', '901820']],
    [
      'Her number is (555) 123-4567.',
      ['555-123-4567', '+1 555 123 4567', '5551234567', '123-4567'],
    ],
    ['The host is 192.168.1.10.', ['192.168.1.10', '192.168.1', '192.168']],
    ['Its address is 2001:db8::8a2e:370:7334.', ['2001:db8::8a2e:370:7334', '2001:db8']],
    [
      'Order 550e8400-e29b-41d4-a716-446655440000 came.',
      ['550e8400-e29b-41d4-a716-446655440000', '550e8400', '550e8400e29b41d4a716446655440000'],
    ],
    [
      'Commit 3e18512dba79e4c8300dd08aeb37f8e728b8dad1 broke it.',
      ['3e18512dba79e4c8300dd08aeb37f8e728b8dad1', '3e18512', '3E18512DBA79'],
    ],
    ['The fact is that -40 is cold.', ['-40', '40']],
    ['Sold for 1,250,000 euros.', ['1250000', '1,250,000']],
    ['Flight LH-454 leaves at 10:35.', ['LH454', 'LH 454', '10:35']],
    ['The type is Vec<String> here.', ['Vec<String>', 'string']],
    [
      'It throws java.lang.NullPointerException there.',
      ['NullPointerException', 'pointer', 'java.lang'],
    ],
    ['Use std::vector for it.', ['std::vector', 'vector']],
    ['See https://de.wikipedia.org/wiki/M%C3%BCnchen for it.', ['München', 'Munchen', 'wikipedia']],
    ['Blood type: O+.', ['O+']],
    ['Install @nestjs/core and lodash.debounce.', ['@nestjs/core', 'nestjs', 'debounce']],
    [
      'Her IBAN is DE89 3704 0044 0532 0130 00.',
      ['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00'],
    ],
    ['Due 2024-03-15 at last.', ['2024-03-15', '2024-03', '2024']],
  ])('%s', async (fact, questions) => {
    for (const question of questions) {
      expect({ question, found: await search([OTHER, fact], question) }).toEqual({
        question,
        found: [fact],
      });
    }
  });

  it.each([
    ['example.com', 'Our site is example.com.', 'The API is at https://api.example.com/x.'],
    ['2.14', 'It needs 2.14 at least.', 'It needs 2.14.1 at least.'],
    ['nginx.conf', 'Back up nginx.conf today.', 'Back up /etc/nginx/nginx.conf.bak today.'],
    ['user_id', 'The key is user_id.', 'The user shows an id.'],
    ['userId', 'The key is userId.', 'The key is userIdToken.'],
    ['GitHub', 'She likes github.', 'She likes git.'],
    ['C++', 'He writes C++.', 'He writes C.'],
    ['C', 'He writes C.', 'He writes C#.'],
    [
      'invoice-2024.pdf',
      'See invoice-2024.pdf.',
      'See invoice-2023.pdf, invoice-2022.pdf and the 2024 invoice.',
    ],
    ['ABC-12', 'ABC-12 is done.', 'ABC-123 and ABC-1 are done.'],
    ['10.0.0.1', 'Router: 10.0.0.1', 'Router: 10.0.0.10 and 10.0.1.1'],
    ['#1234', 'Bug #1234 is open.', 'Bug ABC-1234 is open.'],
    ['user', 'The user left.', 'The user_id left.'],
    ['my-service', 'Runs my-service.', 'Runs my-service-v2 and your-service.'],
    ['/etc/hosts', 'Edit /etc/hosts.', 'Edit the hosts in etc.'],
    ['555-123-4567', 'Call 555-123-4567.', 'Call 444-123-4567.'],
    ['ana@example.com', 'Mail ana@example.com', 'Mail bob@example.com or ana@example.org'],
  ])(
    '%s: the identifier ranks before a fact that shares its parts',
    async (question, exact, part) => {
      expect((await search([exact, part], question))[0]).toBe(exact);
      expect((await search([part, exact], question))[0]).toBe(exact);
    },
  );

  it('a number does not match a version with the same digits', async () => {
    expect(await search([OTHER, 'It needs 2.14.'], '214')).toEqual([]);
  });
});

describe('scripts without spaces between words', () => {
  it.each([
    ['Korean', '그는 서울에서 일한다.', ['서울', '서울에', '서울은 어디?']],
    ['Korean of one syllable', '나는 책을 좋아한다.', ['책', '책이']],
    ['Korean beside Latin', 'API를 GitHub에서 배포한다.', ['API', 'GitHub', 'github는']],
    ['Korean of three syllables', '고양이가 잔다.', ['고양이', '고양이는 어디?']],
    ['Korean, decomposed', '그는 서울에 산다.'.normalize('NFD'), ['서울']],
    ['Korean, asked decomposed', '그는 서울에 산다.', ['서울'.normalize('NFD')]],
    ['Korean in old letters', '그는 ㅅㅓ울에 산다.', ['서울']],
    ['Lao', 'ລາວອາໄສຢູ່ວຽງຈັນ', ['ວຽງຈັນ']],
    ['Khmer', 'គាត់រស់នៅភ្នំពេញ។', ['ភ្នំពេញ']],
    ['Khmer with zero-width spaces', 'គាត់\u200Bរស់\u200Bនៅ\u200Bភ្នំ\u200Bពេញ', ['ភ្នំពេញ']],
    ['Myanmar', 'သူရန်ကုန်မှာနေတယ်။', ['ရန်ကုန်']],
    ['Tibetan', 'ཁོང་ལྷ་སར་བཞུགས།', ['ལྷ་ས', 'བཞུགས']],
    ['Tibetan with a particle', 'བོད་ཀྱི་རྒྱལ་ས་ལྷ་སའི་གནས།', ['ལྷ་ས']],
    ['Japanese beside Latin', '東京のAPIはv2.14.1です', ['API', '2.14', '東京']],
  ])('%s', async (_script, fact, questions) => {
    for (const question of questions) {
      expect({ question, found: await search([OTHER, fact], question) }).toEqual({
        question,
        found: [fact],
      });
    }
  });

  it('rank a separate word before a longer one', async () => {
    const [place, university] = ['서울 출장을 간다.', '서울대학교에 다닌다.'];
    expect(await search([place, university, OTHER], '서울')).toEqual([place, university]);
    expect(await search([place, university, OTHER], '서울대학교')).toEqual([university, place]);
  });

  it('rank the place before a fact that shares its particle', async () => {
    const found = await search(['부산에서 산다.', '서울은 크다.'], '서울에서');
    expect(found[0]).toBe('서울은 크다.');
  });
});

describe('invisible characters', () => {
  const INVISIBLE = [
    ...Array.from(
      '\u00AD\u034F\u061C\u180E\u200B\u200C\u200D\u200E\u200F\u202A\u202E\u2060\u2063\u2066\u2069\uFE0E\uFE0F\uFEFF',
    ),
    '\u{E0001}',
    '\u{E0100}',
  ];

  it.each(INVISIBLE.map((character) => [character.codePointAt(0)!.toString(16), character]))(
    'U+%s inside a word does not split it, in a fact or a question',
    async (_code, character) => {
      expect(await search([OTHER, `The pass${character}word is kept.`], 'password')).toHaveLength(
        1,
      );
      expect(await search([OTHER, 'The password is kept.'], `pass${character}word?`)).toHaveLength(
        1,
      );
    },
  );

  it.each([
    ['Persian, half a space', 'او به خانه می\u200Cرود.', ['می\u200Cرود', 'میرود', 'می رود']],
    ['Persian, without', 'او به خانه میرود.', ['می\u200Cرود', 'میرود']],
    ['Hindi', 'यह क्\u200Dष है', ['क्ष', 'क्\u200Cष']],
    ['Sinhala', 'ශ්\u200Dරී ලංකා', ['ශ්රී', 'ශ්\u200Dරී']],
    ['emoji', 'They are 👩\u200D👩\u200D👧 today.', ['👩\u200D👩\u200D👧', '👩👩👧']],
    ['a heart', 'Sent a ❤\uFE0F back.', ['❤', '❤\uFE0F']],
    ['Arabic with marks of direction', 'يعمل \u200Fأحمد\u200E هنا', ['أحمد', '\u202Bأحمد\u202C']],
  ])('%s', async (_what, fact, questions) => {
    for (const question of questions) {
      expect({ question, found: await search([OTHER, fact], question) }).toEqual({
        question,
        found: [fact],
      });
    }
  });

  it('do not make a fact differ from its duplicate', async () => {
    const tenant_id = 'duplicates';
    const saved = await gateway.send('/agent/memories', {
      body: { content: 'The password is kept.', tenant_id },
    });
    for (const character of INVISIBLE) {
      const content = `The pass${character}word is${character} kept.${character}`;
      const { json } = await gateway.send('/agent/memories', { body: { content, tenant_id } });
      expect(json).toMatchObject({ status: 'duplicate', memory_id: saved.json.memory_id });
    }
  });

  it('superscripts and emoji sequences make facts differ', async () => {
    const tenant_id = 'not duplicates';
    for (const content of [
      'The area is x².',
      'The area is x2.',
      'It is 10⁵.',
      'It is 105.',
      '👩\u200D👧',
      '👩👧',
      '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
      '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}',
    ]) {
      const { json } = await gateway.send('/agent/memories', { body: { content, tenant_id } });
      expect({ content, status: json.status }).toEqual({ content, status: 'saved' });
    }
  });
});
