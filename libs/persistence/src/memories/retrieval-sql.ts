import type { Retrieval } from '@app/memory';

import { anyOf, MAX_LEXEMES } from '../search/candidate-budget.js';
import { questionText } from '../search/search-text.js';
import { believed, inScope, trueAt } from '../sql/conditions.js';
import type { Values } from '../sql/statements.js';
import { SEEN_COLUMNS, withinBudget } from './seen-memory.js';

/** A question without lexemes searches only this many of the newest memories, the most important first. */
const NEWEST = 1_000;

/** Weights of D, C, B, A: neighbouring turns, parts of identifiers, cited turns, the fact. All but C were measured on LoCoMo. */
const WEIGHTS = '{0.3,0.7,0.8,1.0}';
/** Weights for the parts of the question's identifiers: a part that the fact has only inside an identifier counts in full here. */
const WEIGHTS_OF_PARTS = '{0.3,1.0,0.8,1.0}';

/**
 * Weight of one part of an identifier in the question, such as `config` of `config.json`: parts find similar facts, but the
 * whole must rank first.
 */
const PART_WEIGHT = 0.3;

/** Equal ranks are ordered by importance, then newest first, then by id. */
const BEST_FIRST = 'rank desc, importance desc, created_at desc, id';

export interface Lexemes {
  readonly words: readonly string[];
  readonly parts: readonly string[];
}

/**
 * How a statement finds and ranks memories. `asked` is a query of one row: the numbers of words and parts, and a tsquery of
 * each. `scored` is a query of id, created_at, importance and rank; its rank is null for a memory that does not match.
 */
interface Plan {
  readonly asked: string;
  readonly scored: string;
  /** SQL for the number of memories in the scope. */
  readonly searched: string;
}

/**
 * Reads the whole scope once: to match, to rank and to count. The lexemes of the question are built in the statement, like
 * those of the documents. A question of more than MAX_LEXEMES matches nothing: `lexemes` of the result tells its number.
 */
export function searchWholeScope(retrieval: Retrieval, values: Values): string {
  const lexemes = lexemesIn(retrieval.question, values);
  return statementOf(
    {
      asked: `
        select *, cardinality(all_words) as words, cardinality(all_parts) as parts, ${ANY_OF('all_words')} as word_query,
               ${ANY_OF('all_parts')} as part_query
          from (select words as all_words, parts as all_parts from (${lexemes}) as built offset 0) as lexemes`,
      scored: `
        select id, created_at, importance,
               case when asked.words + asked.parts <= ${MAX_LEXEMES}
                     and (search_document @@ asked.word_query or search_document @@ asked.part_query) then ${RANK} end as rank
          from eligible cross join asked`,
      searched: '(select count(*)::int from scored)',
    },
    retrieval,
    values,
  );
}

/** Selects candidates by an index on the lexemes `match`, if Postgres estimates that this is cheaper than to read the scope. */
export function searchByWords(
  { words, parts }: Lexemes,
  match: readonly string[],
  retrieval: Retrieval,
  values: Values,
  countsScope: boolean,
): string {
  const queryOf = (lexemes: readonly string[]): string => `${values.add(anyOf(lexemes))}::tsquery`;
  return statementOf(
    {
      asked: `
        select ${words.length} as words, ${parts.length} as parts, ${queryOf(words)} as word_query, ${queryOf(parts)} as part_query`,
      scored: `
        select id, created_at, importance, ${RANK} as rank
          from eligible cross join asked where search_document @@ ${queryOf(match)}`,
      searched: countsScope ? '(select count(*)::int from eligible)' : '0',
    },
    retrieval,
    values,
  );
}

export const searchNewest = (retrieval: Retrieval, values: Values, countsScope: boolean): string =>
  statementOf(
    {
      asked: 'select 0 as words, 0 as parts',
      scored: `
        select id, created_at, importance, 0::real as rank
          from eligible order by created_at desc, id desc limit ${NEWEST}`,
      searched: countsScope ? '(select count(*)::int from eligible)' : '0',
    },
    retrieval,
    values,
  );

/** SQL for the lexemes of a question. A part that is also a word counts as a word only. */
export function lexemesIn(question: string, values: Values): string {
  const { words, parts } = questionText(question);
  return `
    select words, array(select part from unnest(parts) as part where part <> all(words)) as parts
      from (select tsvector_to_array(search_words(${values.add(words)})) as words,
                   tsvector_to_array(search_words(${values.add(parts)})) as parts) as found`;
}

/** The weighted mean of two ranks: each word counts 1, each part PART_WEIGHT. */
const RANK = `
  case when asked.parts = 0 then ts_rank('${WEIGHTS}', search_document, asked.word_query)
       when asked.words = 0 then ts_rank('${WEIGHTS_OF_PARTS}', search_document, asked.part_query)
       else (asked.words * ts_rank('${WEIGHTS}', search_document, asked.word_query)
             + ${PART_WEIGHT} * asked.parts * ts_rank('${WEIGHTS_OF_PARTS}', search_document, asked.part_query))
            / (asked.words + ${PART_WEIGHT} * asked.parts) end`;

/** `anyOf` in SQL: a tsquery that matches any lexeme of an array; null for an empty one. */
const ANY_OF = (lexemes: string): string => String.raw`(
  select string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery
    from unnest(${lexemes}) as lexeme)`;

/**
 * `eligible` applies every filter, so that no memory outside of it is ranked. `offset 0` makes Postgres look each hit up by its
 * id: a plan without values does not know how few there are.
 */
function statementOf(
  { asked, scored, searched }: Plan,
  { scope, filter, moment, limit }: Retrieval,
  values: Values,
): string {
  const past =
    moment.transactionAsOf === undefined
      ? ''
      : `join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}`;
  return `
    with asked as materialized (${asked}
    ), eligible as not materialized (
      select m.id, m.created_at, m.importance, m.search_document
        from memories m ${past}
       where ${inScope(scope, filter, values)} and ${trueAt(moment, values)}
    ), scored as materialized (${scored}
    ), ranked as (
      select * from scored where rank is not null order by ${BEST_FIRST} limit ${values.add(limit)}
    ), hits as (
      select seen.*, ranked.rank
        from ranked cross join lateral (
          select ${SEEN_COLUMNS}
            from memories m join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
           where m.id = ranked.id offset 0) as seen
    )
    select shown.*, counted.searched, counted.lexemes
      from (select ${searched} as searched, words + parts as lexemes from asked) as counted
      left join (${withinBudget('select * from hits', BEST_FIRST)}) as shown on true
     order by ${BEST_FIRST}`;
}
