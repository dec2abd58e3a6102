import { withoutInvisible } from '@app/memory';

import type { Statements } from '../sql/statements.js';
import { storable } from '../sql/storable.js';
import { plainText } from './search-text.js';

/** A question of more characters is assumed to contain more than stop words. */
const LONGEST = 200;

/** Question words that are missing in Postgres' lists of stop words. Written without diacritics, like the text they are compared with. */
const QUESTION_WORDS = new Set(
  (
    'wer wen wem wessen wann warum wieso weshalb woher wohin ' +
    'quien quienes como cuando cual cuales cuanto ' +
    'ou quand quoi comment pourquoi combien quelle quel'
  ).split(' '),
);

/** Postgres has stop words for some fifteen languages, each in a text search configuration. */
const STOP_WORDS_ONLY = `
  select exists (select from pg_ts_config
                  where cfgnamespace = 'pg_catalog'::regnamespace
                    and (to_tsvector(oid::regconfig, $1) = '' or to_tsvector(oid::regconfig, $2) = '')) as nothing`;

/**
 * True when all words of the question are stop words of one language. This is for languages other than English: English stop
 * words give no lexemes.
 */
export async function hasOnlyStopWords(statements: Statements, question: string): Promise<boolean> {
  const texts = mayBeStopWords(question);
  if (texts === undefined) return false;
  const [row] = await statements.query<{ nothing: boolean }>(STOP_WORDS_ONLY, texts);
  return row?.nothing === true;
}

/**
 * The values of STOP_WORDS_ONLY: the question without QUESTION_WORDS, once with and once without its diacritics. Undefined:
 * the question is too long.
 */
function mayBeStopWords(question: string): readonly [string, string] | undefined {
  if (question.length > LONGEST) return undefined;
  const words = withoutInvisible(storable(question))
    .toLowerCase()
    .split(/[\s\p{P}]+/u);
  const left = words.filter((word) => !QUESTION_WORDS.has(plainText(word))).join(' ');
  return [left, plainText(left)];
}
