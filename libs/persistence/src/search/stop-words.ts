import { withoutInvisible } from '@app/memory';

import { plainText } from './search-text.js';
import { storable } from '../sql/storable.js';

/** A longer question has more than stop words. */
const LONGEST = 200;

/** What the lists that Postgres brings leave out, though it is asked with. Without marks, as the text that they are taken from. */
const QUESTION_WORDS = new Set(
  (
    'wer wen wem wessen wann warum wieso weshalb woher wohin ' +
    'quien quienes como cuando cual cuales cuanto ' +
    'ou quand quoi comment pourquoi combien quelle quel'
  ).split(' '),
);

/** Postgres brings the stop words of some fifteen languages, each as a text search configuration. */
export const STOP_WORDS_ONLY = `
  select exists (select from pg_ts_config
                  where cfgnamespace = 'pg_catalog'::regnamespace
                    and (to_tsvector(oid::regconfig, $1) = '' or to_tsvector(oid::regconfig, $2) = '')) as nothing`;

/** The values of that statement: the question as it was asked, and without its marks. Undefined: it is no such question. */
export function mayBeStopWords(question: string): readonly [string, string] | undefined {
  if (question.length > LONGEST) return undefined;
  const words = withoutInvisible(storable(question))
    .toLowerCase()
    .split(/[\s\p{P}]+/u);
  const left = words.filter((word) => !QUESTION_WORDS.has(plainText(word))).join(' ');
  return [left, plainText(left)];
}
