/** Scripts that are written without spaces: the text parser would take a whole sentence of them for one word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
const HAN = /\p{Script=Han}/u;

/**
 * A tsvector holds 1 MiB at most, and a search document is made of three parts in two forms each. What a fact rests on
 * stands far before this many characters.
 */
const MAX_CHARACTERS = 40_000;

/**
 * A text as it is put into a search document, or a question as it is put to one: scripts without spaces as bigrams,
 * and Han characters one by one as well, because one of them may be a word.
 */
export function searchText(text: string): string {
  return storable(text)
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
    .replace(UNSPACED, (run) => ` ${grams(Array.from(run)).join(' ')} `)
    .slice(0, 4 * MAX_CHARACTERS);
}

/** What Postgres takes as text: no NUL, no half of a surrogate pair. Models write both now and then. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
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
