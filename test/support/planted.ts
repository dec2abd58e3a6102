import { randomInt } from 'node:crypto';

import { postgresDump, redisDump } from './canaries.js';

/** No vowels and no letters of suffixes, so that a stemmer does not change the word. */
const LETTERS = 'bcfghjkmnpqvwz';

/** A word that occurs nowhere else, and that is its own lexeme. */
export const plantedWord = (): string =>
  `${Array.from({ length: 14 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}x`;

/** The names of the planted words that are stored anywhere in Postgres or in Redis. */
export async function standing(
  words: Readonly<Record<string, string>>,
  { postgres, redis }: { readonly postgres: string; readonly redis: string },
): Promise<readonly string[]> {
  const dumps = [await postgresDump(postgres), await redisDump(redis)];
  return Object.entries(words)
    .filter(([, word]) => dumps.some((dump) => dump.includes(word)))
    .map(([name]) => name);
}
