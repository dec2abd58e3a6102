import { ALL_TENANTS, type Hit, MemoryIndex, type Retrieval, type Retrieved } from '@app/memory';

import {
  leftOutOf,
  SEEN_COLUMNS,
  toSeenMemory,
  type WeighedRow,
  withinBudget,
} from './seen-memory.js';
import { believed, trueAt, inScope } from '../sql/conditions.js';
import type { Database } from '../sql/database.js';
import type { ReadConnection } from '../sql/read-only.js';
import { Values } from '../sql/statements.js';
import {
  CANDIDATE_BUDGET,
  lexemesToMatch,
  lexemesToRank,
  MAX_LEXEMES,
  SearchStatistics,
} from '../search/candidate-budget.js';
import { questionText } from '../search/search-text.js';
import { hasOnlyStopWords } from '../search/stop-words.js';

/** A scope of up to this size is read by the btree index and then searched: cheaper than an index lookup of each lexeme. */
const SMALL_SCOPE = 1_000;
/** A question without lexemes searches only this many of the newest memories, the most important first. */
const NEWEST = 1_000;

/** Weights of D, C, B, A: neighbouring turns, parts of identifiers, cited turns, the fact. All but C were measured on LoCoMo. */
const WEIGHTS = '{0.3,0.7,0.8,1.0}';
/** Weights for the parts of the question's identifiers: a part that the fact has only inside an identifier counts in full here. */
const WEIGHTS_OF_PARTS = '{0.3,1.0,0.8,1.0}';

/**
 * The ts_rank of a fact that contains each lexeme of the question once: 6/π² of weight A, because ts_rank weighs repeated
 * occurrences by 1/n² and divides by the sum of that series (calc_rank_or in Postgres' tsrank.c).
 */
const FULL_RANK = 6 / Math.PI ** 2;

/** Equal ranks are ordered by importance, then newest first, then by id. */
const BEST_FIRST = 'rank desc, importance desc, created_at desc, id';

/** SQL that selects and ranks the candidates of a question, and whether it reads or counts the whole scope. */
interface Plan {
  /** A query of one row: `words` and `parts`, the lexemes that rank; `match`, those that select candidates. */
  readonly lexemes: string;
  readonly rank: string;
  readonly candidates: string;
  readonly readsScope: boolean;
  readonly countsScope: boolean;
}

interface Ranked {
  readonly rank: number;
  readonly searched: number;
  /** How many lexemes the question has. */
  readonly lexemes: number;
}
type FoundRow = WeighedRow & Ranked;
/** Without a hit there is still one row, which holds `searched` and `lexemes`. */
type HitRow = FoundRow | ({ readonly id: null } & Ranked);

interface Found extends Retrieved {
  readonly lexemes: number;
}

interface Lexemes {
  readonly words: readonly string[];
  readonly parts: readonly string[];
}

/**
 * Weight of one part of an identifier in the question, such as `config` of `config.json`: parts find similar facts, but the
 * whole must rank first.
 */
const PART_WEIGHT = 0.3;

/**
 * Full-text retrieval: a memory with any lexeme of the question is a candidate (in a large scope, with any of the rarest), and
 * all lexemes, at most 64, rank it. `similarity` is the rank on a scale that does not depend on other hits: 1 when the text of
 * the fact contains every lexeme of the question in the same form. A word that occurs once elsewhere counts 0.8 in a cited
 * turn, 0.7 inside an identifier and 0.3 in a neighbouring turn; a missing word counts 0. All hits of a question without
 * lexemes have 0.
 */
export class PostgresMemoryIndex extends MemoryIndex {
  readonly #statistics = new SearchStatistics();

  constructor(private readonly database: Database) {
    super();
  }

  retrieve(retrieval: Retrieval, signal?: AbortSignal): Promise<Retrieved> {
    const { accountId } = retrieval.scope;
    return this.database.read(
      accountId,
      (statements) => this.#retrieve(statements, retrieval),
      signal,
    );
  }

  async #retrieve(statements: ReadConnection, retrieval: Retrieval): Promise<Retrieved> {
    const size = await this.#statistics.sizeWithinBudget(statements, retrieval.scope);
    const { lexemes, ...found } = await this.#byWords(statements, retrieval, size);
    if (found.hits.length > 0) return found;
    const isWordless = lexemes === 0 || (await hasOnlyStopWords(statements, retrieval.question));
    return isWordless ? this.#newest(statements, retrieval, size) : found;
  }

  async #byWords(statements: ReadConnection, retrieval: Retrieval, size: number): Promise<Found> {
    if (size <= CANDIDATE_BUDGET) {
      const values = new Values();
      const lexemes = lexemesIn(retrieval.question, values);
      const plan = byWords(`select *, words || parts as match from (${lexemes}) as asked`, size);
      const found = await this.#findHits(statements, plan, retrieval, values);
      if (found.lexemes <= MAX_LEXEMES) return found;
    }
    return this.#byRareWords(statements, retrieval, size);
  }

  /** For a large scope or a long question: chooses among the lexemes by their frequencies. */
  async #byRareWords(
    statements: ReadConnection,
    retrieval: Retrieval,
    size: number,
  ): Promise<Found> {
    const { question, scope } = retrieval;
    const { words, parts } = await readLexemes(statements, question);
    const frequencies = await this.#statistics.frequencies(statements);
    const ranked = lexemesToRank(words, frequencies);
    const lesser = lexemesToRank(parts, frequencies, MAX_LEXEMES - ranked.length);
    const all = [...ranked, ...lesser];
    const match =
      size > CANDIDATE_BUDGET
        ? lexemesToMatch(all, frequencies, await this.#statistics.sizeOf(statements, scope))
        : all;
    const values = new Values();
    const plan = byWords(chosenLexemes({ words: ranked, parts: lesser }, match, values), size);
    return this.#findHits(statements, plan, retrieval, values);
  }

  /** For a question without lexemes. */
  #newest(statements: ReadConnection, retrieval: Retrieval, size: number): Promise<Retrieved> {
    return this.#findHits(statements, byImportance(size), retrieval, new Values());
  }

  async #findHits(
    statements: ReadConnection,
    plan: Plan,
    retrieval: Retrieval,
    values: Values,
  ): Promise<Found> {
    const sql = statementOf(plan, retrieval, values);
    const rows = await (isPlain(retrieval)
      ? statements.prepared<HitRow>(sql, values.list)
      : statements.query<HitRow>(sql, values.list));
    const [{ searched, lexemes } = { searched: 0, lexemes: 0 }] = rows;
    const hits = rows.filter(isHit);
    return {
      hits: hits.map(toHit),
      leftOut: leftOutOf(hits),
      lexemes,
      searched: plan.countsScope
        ? searched
        : await this.#statistics.sizeOf(statements, retrieval.scope),
    };
  }
}

/** The most frequent kind of retrieval. Of all other kinds together there are too many to prepare a statement for each. */
const isPlain = ({ scope, filter, moment }: Retrieval): boolean =>
  scope.tenantId !== ALL_TENANTS &&
  Object.values(filter).every((value) => value === undefined) &&
  moment.asOf === undefined &&
  moment.transactionAsOf === undefined;

/** SQL for the lexemes of a question, which are built like those of the documents. */
function lexemesIn(question: string, values: Values): string {
  const { words, parts } = questionText(question);
  return `
    select words, array(select part from unnest(parts) as part where part <> all(words)) as parts
      from (select tsvector_to_array(search_words(${values.add(words)})) as words,
                   tsvector_to_array(search_words(${values.add(parts)})) as parts) as asked`;
}

async function readLexemes(statements: ReadConnection, question: string): Promise<Lexemes> {
  const values = new Values();
  const sql = lexemesIn(question, values);
  const [row] = await statements.query<Lexemes>(sql, values.list);
  return row ?? { words: [], parts: [] };
}

const chosenLexemes = (
  { words, parts }: Lexemes,
  match: readonly string[],
  values: Values,
): string => `
    select ${values.add(words)}::text[] as words, ${values.add(parts)}::text[] as parts, ${values.add(match)}::text[] as match`;

function byWords(lexemes: string, size: number): Plan {
  return {
    lexemes,
    rank: RANK,
    candidates: `select * from eligible where search_document @@ (select match_query from asked)`,
    readsScope: size <= SMALL_SCOPE,
    countsScope: size <= CANDIDATE_BUDGET,
  };
}

function byImportance(size: number): Plan {
  return {
    lexemes: `select '{}'::text[] as words, '{}'::text[] as parts, '{}'::text[] as match`,
    rank: '0::real',
    candidates: `select * from eligible order by created_at desc, id desc limit ${NEWEST}`,
    readsScope: false,
    countsScope: size <= CANDIDATE_BUDGET,
  };
}

/** The weighted mean of two ranks: each word counts 1, each part PART_WEIGHT. */
const RANK = `
  case when asked.parts = 0 then ts_rank('${WEIGHTS}', search_document, asked.word_query)
       when asked.words = 0 then ts_rank('${WEIGHTS_OF_PARTS}', search_document, asked.part_query)
       else (asked.words * ts_rank('${WEIGHTS}', search_document, asked.word_query)
             + ${PART_WEIGHT} * asked.parts * ts_rank('${WEIGHTS_OF_PARTS}', search_document, asked.part_query))
            / (asked.words + ${PART_WEIGHT} * asked.parts) end`;

/** A tsquery that matches any lexeme of an array. Each lexeme is quoted, so that none is read as an operator. */
const anyOf = (lexemes: string): string => String.raw`(
  select string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery
    from unnest(${lexemes}) as lexeme)`;

/** `eligible` applies every filter, so that no memory outside of it is ranked. Too many lexemes have no candidates. */
function statementOf(
  plan: Plan,
  { scope, filter, moment, limit }: Retrieval,
  values: Values,
): string {
  const past =
    moment.transactionAsOf === undefined
      ? ''
      : `join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}`;
  return `
    with asked as materialized (
      select cardinality(words) as words, cardinality(parts) as parts, ${anyOf('words')} as word_query, ${anyOf('parts')} as part_query,
             case when cardinality(words) + cardinality(parts) <= ${MAX_LEXEMES} then ${anyOf('match')} end as match_query
        from (${plan.lexemes}) as lexemes
    ), eligible as ${plan.readsScope ? '' : 'not'} materialized (
      select m.id, m.created_at, m.importance, m.search_document
        from memories m ${past}
       where ${inScope(scope, filter, values)} and ${trueAt(moment, values)}
    ), candidates as (${plan.candidates}
    ), ranked as (
      select id, importance, created_at, ${plan.rank} as rank
        from candidates cross join asked order by ${BEST_FIRST} limit ${values.add(limit)}
    ), hits as (
      select ${SEEN_COLUMNS}, ranked.rank
        from ranked join memories m on m.id = ranked.id
        join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
    )
    select shown.*, scope.searched, scope.lexemes
      from (select ${plan.countsScope ? '(select count(*)::int from eligible)' : '0'} as searched, words + parts as lexemes
              from asked) as scope
      left join (${withinBudget('select * from hits', BEST_FIRST)}) as shown on true
     order by ${BEST_FIRST}`;
}

const isHit = (row: HitRow): row is FoundRow => row.id !== null;

function toHit(row: FoundRow): Hit {
  return { seen: toSeenMemory(row), similarity: Math.min(1, row.rank / FULL_RANK) };
}
