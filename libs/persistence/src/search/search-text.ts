import { withoutInvisible } from '@app/memory';

import { storable } from '../sql/storable.js';
import { addIdentifier, addNumbers, JOINT, type SearchWords } from './identifier-words.js';
import { addUnspaced, UNSPACED } from './unspaced-words.js';

/** Words of alphabets whose diacritics people often omit. In other scripts (Thai, Devanagari) a mark is a vowel and must stay. */
const MARKED_WORD =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Inherited}]+/gu;
/** Letters that Unicode does not decompose, and the Arabic tatweel, which only stretches a word. */
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
  // Arabic and Persian keyboards write the same letter with different characters.
  ك: 'ک',
  ي: 'ی',
  ى: 'ی',
  ة: 'ه',
};
const SPECIAL = /[ßæœøłđðþıـكيىة]/g;
/** Letters of Malayalam that older texts write as two characters and a joiner. */
const CHILLU: Readonly<Record<string, string>> = { ൺ: 'ണ്', ൻ: 'ന്', ർ: 'ര്', ൽ: 'ല്', ൾ: 'ള്', ൿ: 'ക്' };
const CHILLU_LETTER = /[ൺൻർൽൾൿ]/g;
/** Characters that stand for an apostrophe: O’Brien, Hawaiʻi. */
const APOSTROPHE = /(?<=[\p{L}\p{M}])[’‘ʼʻ＇`´](?=\p{L})/gu;
/** Words with apostrophes: O'Brien, rock'n'roll, won't. */
const ELIDED =
  /(?<![\p{L}\p{M}'])[\p{L}\p{M}]{1,40}'[\p{L}\p{M}]{1,40}(?:'[\p{L}\p{M}]{1,40}){0,3}(?![\p{L}\p{M}])/gu;

/** A zero-width non-joiner between Arabic letters is Persian's half space. Writers omit it or type a full space. */
const HALF_SPACE = /(?<=[\p{Script=Arabic}\p{M}])\u200C(?=\p{Script=Arabic})/gu;
/** One percent-encoded character of a URL, in UTF-8. */
const PERCENT_ENCODED =
  /%[2-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-4](?:%[89ab][\da-f]){3}/gi;
const OTHER_DIGIT = /(?!\d)\p{Nd}/gu;
const HYPHEN = /[\u2010-\u2013\u2212]/g;
const SCHEME = /\b(?:https?|wss?|ftp|file):\/\/(?:www\.)?/gi;
const THOUSANDS_COMMA = /(?<=\d),(?=\d{3}(?!\d))/g;
/** A symbol at the end of a name: C++, C#, A+, Disney+. */
const SYMBOL_BEHIND = /(?<=[\p{L}\p{N}])(?:\+\+(?!\p{L})|\+(?![\p{L}\p{N}+])|#(?![\p{L}\p{N}]))/gu;
const SYMBOLS: Readonly<Record<string, string>> = { '++': 'plusplus', '+': 'plus', '#': 'sharp' };
/** A dot at the beginning of a name: .NET, .env. */
const DOT_BEFORE = /(?<![^\s("'`/\\,;:=[{])\.(?=\p{L})/gu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/gu;

/** A word, or words joined by separators of identifiers. */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:[-._+~$*%·״׳/\\@:?&=#|]+[\p{L}\p{M}\p{N}]+)*/gu;
const ASCII = /^[\0-\u007F]*$/;
const ORDINARY_WORD = /^(?:\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lo}\p{M}]+|\p{Lu}+|\d{1,31})$/u;

/**
 * A tsvector holds at most 1 MiB, and a search document joins four of them: the fact's words, the parts of its identifiers,
 * its cited turns and their neighbours. This limit cuts facts only: turns and questions are cut to fewer characters before.
 */
const MAX_CHARACTERS = 40_000;
const MAX_SEARCH_CHARACTERS = 4 * MAX_CHARACTERS;

/** A text as words that Postgres' parser takes whole, and the parts of its identifiers. */
interface SearchText {
  readonly words: string;
  readonly parts: string;
}

/**
 * A text as it is put into a search document: words separated by spaces, so that Postgres' parser does not interpret the
 * signs between them. Text in a script without spaces becomes pairs of characters; an identifier becomes one word and its
 * parts. A word with diacritics is followed by the same word without them: "Muller" finds "Müller", "Müller" ranks it first.
 */
export function searchTextOf(text: string): SearchText {
  const found = wordsOf(text);
  const words = found.words.map(withPlain).join(' ').slice(0, MAX_SEARCH_CHARACTERS);
  const parts = [...new Set(found.parts)].map(withPlain).join(' ');
  return { words, parts: parts.slice(0, MAX_SEARCH_CHARACTERS - words.length) };
}

/** Words and parts in one text, where both have the same weight. */
export function searchText(text: string): string {
  const { words, parts } = searchTextOf(text);
  return parts === '' ? words : `${words} ${parts}`;
}

/** Only this many characters of a question are searched for. Ordinary questions are shorter. */
const MAX_QUESTION_CHARACTERS = 8_192;

/** The search words of a question. */
export const questionText = (question: string): SearchText =>
  searchTextOf(question.slice(0, MAX_QUESTION_CHARACTERS));

/** Lower-cases a text and removes diacritics, in alphabets whose diacritics people often omit. */
export const plainText = (text: string): string => text.replace(MARKED_WORD, plainOf);

function wordsOf(text: string): SearchWords {
  const found: SearchWords = { words: [], parts: [] };
  const spelled = spellOut(text);
  addNumbers(spelled, found);
  for (const [elided] of spelled.matchAll(ELIDED)) found.parts.push(elided.replaceAll("'", ''));
  for (const emoji of new Set(spelled.match(EMOJI)))
    found.parts.push(`${JOINT}x${Array.from(emoji, codeOf).join('')}`);
  for (const [index, run] of spelled.split(UNSPACED).entries()) {
    if (index % 2 === 1) addUnspaced(run, found);
    else
      for (const [token] of run.matchAll(TOKEN)) {
        if (ORDINARY_WORD.test(token)) found.words.push(token);
        else addIdentifier(token, found);
      }
  }
  return found;
}

/** Replaces variant spellings (percent encoding, digits, hyphens, apostrophes) by one form. */
function spellOut(text: string): string {
  return withoutInvisible(
    storable(text)
      .slice(0, MAX_CHARACTERS)
      .toWellFormed()
      .replace(PERCENT_ENCODED, decode)
      .replace(APOSTROPHE, "'")
      .replace(CHILLU_LETTER, (letter) => CHILLU[letter] ?? letter)
      .replace(HALF_SPACE, '_'),
  )
    .normalize('NFKC')
    .replace(OTHER_DIGIT, asciiDigitOf)
    .replace(HYPHEN, '-')
    .replaceAll(JOINT, ':')
    .replace(SCHEME, ' ')
    .replace(THOUSANDS_COMMA, '')
    .replace(SYMBOL_BEHIND, (symbol) => JOINT + SYMBOLS[symbol])
    .replace(DOT_BEFORE, `dot${JOINT}`);
}

const codeOf = (character: string): string => character.codePointAt(0)?.toString(16) ?? '';

/** In nearly every script the ten digits are consecutive code points, and the first one ends in hex 0 or 6. */
function asciiDigitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const row = code - (code % 16);
  const value = /\p{Nd}/u.test(String.fromCodePoint(row)) ? code % 16 : (code % 16) - 6;
  return value >= 0 && value <= 9 ? String(value) : digit;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return ' ';
  }
}

function withPlain(word: string): string {
  if (ASCII.test(word)) return word;
  const plain = plainText(word);
  return plain === word.toLowerCase() ? word : `${word} ${plain}`;
}

function plainOf(word: string): string {
  return (
    word
      .toLowerCase()
      .normalize('NFKD')
      // й is a separate letter; it is not written as и.
      .replace(/(?<!и)\p{M}+/gu, '')
      .normalize('NFC')
      .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter)
  );
}
