/**
 * The words that a text is searched by. A question is ranked by its words; their parts have a lower weight, so
 * that a fact with the whole identifier ranks above a fact with only a part of it.
 */
export interface SearchWords {
  readonly words: string[];
  readonly parts: string[];
}

/**
 * Joins the pieces of one word: Postgres' parser takes it for a letter, and no keyboard has it. It keeps `2.14` one
 * word that differs from the number 214.
 */
export const JOINT = 'ː';

/** Keeps `12e5abc` one word: the parser would cut it after the number that it begins with. */
export const asOneWord = (word: string): string => (/^\d+e\d/i.test(word) ? JOINT + word : word);
