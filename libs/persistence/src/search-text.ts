import { storable } from './storable.js';

/** Scripts that are written without spaces: the text parser would take a whole sentence of them for one word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
const HAN = /\p{Script=Han}/u;

/** Words of alphabets whose marks people leave out. Elsewhere (Thai, Devanagari) a mark is a vowel, and not for leaving out. */
const MARKED_WORD =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Inherited}]+/gu;
/** Letters that no decomposition takes apart, and the Arabic sign that only makes a word longer. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ـ: '',
};
const SPECIAL = /[ßæœøłđðþıـ]/g;

/**
 * A tsvector holds 1 MiB at most, and a search document is made of three parts in two forms each. What a fact rests on
 * stands far before this many characters.
 */
const MAX_CHARACTERS = 40_000;

/**
 * A text as it is put into a search document, or a question as it is put to one: scripts without spaces as bigrams,
 * and Han characters one by one as well, because one of them may be a word; words with marks followed by themselves
 * without, so that "Muller" finds "Müller" and "Müller" finds itself first.
 */
export function searchText(text: string): string {
  return storable(text)
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
    .normalize('NFKC')
    .replace(MARKED_WORD, withPlain)
    .replace(UNSPACED, (run) => ` ${grams(Array.from(run)).join(' ')} `)
    .slice(0, 4 * MAX_CHARACTERS);
}

/** Of a question so much is looked at: more than a question has. The rest of a longer one finds nothing. */
const MAX_QUESTION_CHARACTERS = 8_192;

/** The question as it is put to search documents. */
export const questionText = (question: string): string =>
  searchText(question.slice(0, MAX_QUESTION_CHARACTERS));

/** A text in small letters and without marks, in alphabets whose marks people leave out. */
export const plainText = (text: string): string => text.replace(MARKED_WORD, plainOf);

function withPlain(word: string): string {
  const plain = plainOf(word);
  return plain === word.toLowerCase() ? word : `${word} ${plain} `;
}

function plainOf(word: string): string {
  return (
    word
      .toLowerCase()
      .normalize('NFKD')
      // й is a letter of its own, and nobody writes и for it.
      .replace(/(?<!и)\p{M}+/gu, '')
      .normalize('NFC')
      .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter)
  );
}

function grams(characters: readonly string[]): string[] {
  if (characters.length === 1) return [...characters];
  return characters.flatMap((character, index) => {
    const next = characters[index + 1];
    return [
      ...(HAN.test(character) ? [character] : []),
      ...(next === undefined ? [] : [character + next]),
    ];
  });
}
