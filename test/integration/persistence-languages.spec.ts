import { randomUUID } from 'node:crypto';

import { aContentWrite } from '@app/memory/testing';
import { PostgresMemoryIndex } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { SingleWrites } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let index: PostgresMemoryIndex;
let writes: SingleWrites;

beforeAll(async () => {
  connected = await connectedDatabase();
  index = new PostgresMemoryIndex(connected.database);
  writes = new SingleWrites(connected.database);
});

afterAll(() => connected.close());

interface Given {
  readonly content: string;
  readonly importance?: number;
}

/** The facts that a question finds, the best first. */
async function ask(
  facts: readonly (string | Given)[],
  question: string,
): Promise<readonly { readonly text: string; readonly similarity: number }[]> {
  const accountId = randomUUID();
  for (const fact of facts) {
    const given = typeof fact === 'string' ? { content: fact } : fact;
    await writes.remember({
      id: randomUUID(),
      asker: { accountId, apiKeyId: randomUUID() },
      request: aContentWrite(given),
      requestId: 'r',
      writesPerMonth: null,
    });
  }
  const { hits } = await index.retrieve({
    question,
    scope: { accountId, tenantId: null },
    filter: {},
    moment: {},
    limit: 10,
  });
  return hits.map(({ seen, similarity }) => ({ text: seen.memory.text, similarity }));
}

/** A fact in each language, its question, and another fact that shares nothing with it. */
const FOUND: readonly (readonly [
  language: string,
  question: string,
  fact: string,
  other: string,
])[] = [
  ['German', 'Wo wohnt Frau Größmann?', 'Frau Größmann wohnt seit Mai in Köln.', 'Der Hund bellt.'],
  [
    'German compounds',
    'Was ist eine Krankenversicherung?',
    'Ihre Krankenversicherung kündigt sie zum Juli.',
    'Der Hund bellt.',
  ],
  [
    'Spanish',
    '¿Dónde trabaja mi compañero Íñigo?',
    'Íñigo trabaja en una panadería de León.',
    'La niña come.',
  ],
  [
    'French',
    'Quelle école fréquente Zoë ?',
    'Zoë est à l’école élémentaire de Nîmes.',
    'Un chien aboie.',
  ],
  ['Japanese', '猫の名前は何ですか?', '私の猫の名前はミケです。', '東京へ行きました。'],
  ['Japanese syllables', 'ラーメンはどこ?', '彼はラーメンを食べる。', '東京へ行きました。'],
  ['Chinese', '谁住在北京?', '我住在北京。', '她喜歡喝茶。'],
  ['Arabic', 'أين يعمل أحمد؟', 'أحمد يعمل في مستشفى القاهرة.', 'القطة نائمة.'],
  ['Arabic with its vowels written', 'محمد', 'مُحَمَّدٌ مُهَنْدِس.', 'القطة نائمة.'],
  ['Thai', 'กรุงเทพ', 'เธออาศัยอยู่ในกรุงเทพมหานคร', 'แมวหลับ'],
  ['Russian', 'Где живет сестра?', 'Сестра живёт в Казани.', 'Собака лает.'],
  ['Greek', 'Αθηνα', 'Μένει στην Αθήνα.', 'Ο σκύλος γαβγίζει.'],
  ['Korean', '서울', '그는 서울 강남에 산다.', '고양이가 잔다.'],
  [
    'mixed text',
    'Which café serves ラーメン in München?',
    'Das Café in München serviert ラーメン.',
    'Der Hund bellt.',
  ],
  ['text with emoji', 'Who loves 🐈 cats?', 'Ana loves🐈cats 👩‍👩‍👧 a lot.', 'A dog barks.'],
];

describe('a question', () => {
  it.each(FOUND)('in %s finds the right memory', async (_language, question, fact, other) => {
    expect(await ask([other, fact], question)).toMatchObject([{ text: fact }]);
  });

  it.each([
    ['without its accents', 'Muller', 'Frau Müller singt.'],
    ['with accents that the fact leaves out', 'Müller', 'Frau Muller singt.'],
    ['without an eñe', 'ano', 'Este año canta.'],
    ['with ss for ß', 'Strasse', 'Die Straße ist lang.'],
    ['in capitals', 'MÜNCHEN', 'Sie zog nach München.'],
    ['in small letters', 'münchen', 'SIE ZOG NACH MÜNCHEN.'],
    ['typed with combining marks', 'Mu\u0308nchen', 'Sie zog nach München.'],
    ['in wide letters', 'ＮＡＳＡ', 'She works at NASA.'],
  ])('%s still finds the word', async (_how, question, fact) => {
    expect(await ask(['A dog barks.', fact], question)).toMatchObject([{ text: fact }]);
  });

  it('ranks the word with its accents before the word without them', async () => {
    const found = await ask(['Frau Muller singt.', 'Frau Müller singt.'], 'Müller');
    expect(found.map(({ text }) => text)).toEqual(['Frau Müller singt.', 'Frau Muller singt.']);
    expect(found[0]?.similarity).toBe(1);
    expect((await ask(['Frau Müller singt.'], 'Muller'))[0]?.similarity).toBe(1);
  });
});

describe('a question of stop words only', () => {
  const facts = [
    { content: 'Wichtig: Penizillin.', importance: 9 },
    'Tee am Morgen.',
    'Kaffee am Abend.',
  ];

  it.each([
    ['English', 'Who am I?'],
    ['German', 'Wer bin ich?'],
    ['German', 'Was ist das?'],
    ['Spanish', '¿Quién soy yo?'],
    ['French', 'Qui est-ce ?'],
    ['Russian', 'Кто я?'],
    ['no language', '🐈 ???'],
  ])('in %s (%s) returns the most important memories, then the newest', async (_, question) => {
    const found = await ask(facts, question);
    expect(found.map(({ text }) => text)).toEqual([
      'Wichtig: Penizillin.',
      'Kaffee am Abend.',
      'Tee am Morgen.',
    ]);
  });

  it('finds a memory that contains exactly these words', async () => {
    expect(await ask([...facts, 'Ich bin Ana.'], 'Wer bin ich?')).toMatchObject([
      { text: 'Ich bin Ana.' },
    ]);
  });

  it('is an ordinary question once it contains another word', async () => {
    expect(await ask(facts, 'Wer ist Rumpelstilzchen?')).toEqual([]);
  });
});
