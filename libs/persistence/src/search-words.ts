/**
 * The words that a text is searched by. A question is ranked by its words; what they are made of counts less, so that the
 * fact with the whole comes before the fact with a part.
 */
export interface SearchWords {
  readonly words: string[];
  readonly parts: string[];
}

/**
 * Joins the pieces of one word: Postgres' parser takes it for a letter, and no keyboard has it. So a version is one word,
 * and another than the number with its digits.
 */
export const JOINT = 'ː';

/** One word for the parser, which would cut `12e5abc` behind the number that it begins with. */
export const asOneWord = (word: string): string => (/^\d+e\d/i.test(word) ? JOINT + word : word);
