import {
  type Hit,
  MemoryIndex,
  type Retrieval,
  type Retrieved,
  type Scope,
  withoutInvisible,
} from '@app/memory';

import {
  leftOutOf,
  SEEN_COLUMNS,
  toSeenMemory,
  type WeighedRow,
  withinBudget,
} from './seen-memory.js';
import { believed, trueAt, inScope } from '../sql/conditions.js';
import type { Database } from '../sql/database.js';
import { type Statements, Values } from '../sql/statements.js';
import { storable } from '../sql/storable.js';
import {
  anyOf,
  CANDIDATE_BUDGET,
  type Frequencies,
  lexemesToMatch,
  lexemesToRank,
  MAX_LEXEMES,
  SearchStatistics,
} from '../search/candidate-budget.js';
import { plainText, questionText } from '../search/search-text.js';

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

/** How candidates are selected and ranked, and whether the statement reads or counts the whole scope. */
interface Plan {
  readonly rank: string;
  readonly candidates: string;
  readonly readsScope: boolean;
  readonly countsScope: boolean;
}

interface Ranked {
  readonly rank: number;
  readonly searched: number;
}
type FoundRow = WeighedRow & Ranked;
/** Without a hit there is still one row, which holds `searched`. */
type HitRow = FoundRow | ({ readonly id: null } & Ranked);

/** The lexemes of a question, and the size of its scope, which is counted only up to CANDIDATE_BUDGET + 1. */
interface Question {
  readonly words: readonly string[];
  readonly parts: readonly string[];
  readonly size: number;
}

/**
 * Weight of one part of an identifier in the question, such as `config` of `config.json`: parts find similar facts, but the
 * whole must rank first.
 */
const PART_WEIGHT = 0.3;

const NO_FREQUENCIES: Frequencies = new Map();

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

  async #retrieve(statements: Statements, retrieval: Retrieval): Promise<Retrieved> {
    const question = await readQuestion(statements, retrieval);
    const newest = (): Promise<Retrieved> =>
      this.#findHits(statements, byImportance(question.size), retrieval, new Values());
    if (question.words.length + question.parts.length === 0) return newest();
    const values = new Values();
    const plan = await this.#byWords(statements, retrieval.scope, question, values);
    const found = await this.#findHits(statements, plan, retrieval, values);
    if (found.hits.length > 0 || !(await hasOnlyStopWords(statements, retrieval.question)))
      return found;
    return newest();
  }

  async #findHits(
    statements: Statements,
    plan: Plan,
    retrieval: Retrieval,
    values: Values,
  ): Promise<Retrieved> {
    const sql = statementOf(plan, retrieval, values);
    const rows = await statements.query<HitRow>(sql, values.list);
    const searched = plan.countsScope
      ? (rows[0]?.searched ?? 0)
      : await this.#statistics.sizeOf(statements, retrieval.scope);
    const hits = rows.filter(isHit);
    return { searched, hits: hits.map(toHit), leftOut: leftOutOf(hits) };
  }

  async #byWords(
    statements: Statements,
    scope: Scope,
    { words, parts, size }: Question,
    values: Values,
  ): Promise<Plan> {
    const isLarge = size > CANDIDATE_BUDGET;
    const frequencies =
      isLarge || words.length + parts.length > MAX_LEXEMES
        ? await this.#statistics.frequencies(statements)
        : NO_FREQUENCIES;
    const lexemes = lexemesToRank(words, frequencies);
    const lesser = lexemesToRank(parts, frequencies, MAX_LEXEMES - lexemes.length);
    const all = [...lexemes, ...lesser];
    const match = isLarge
      ? lexemesToMatch(all, frequencies, await this.#statistics.sizeOf(statements, scope))
      : all;
    return {
      rank: rankExpression(lexemes, lesser, values),
      candidates: `select * from eligible where search_document @@ ${values.add(anyOf(match))}::tsquery`,
      readsScope: size <= SMALL_SCOPE,
      countsScope: !isLarge,
    };
  }
}

/** Reads the lexemes of the question, which are built like those of the documents, and the size of its scope. */
async function readQuestion(
  statements: Statements,
  { question, scope }: Retrieval,
): Promise<Question> {
  const values = new Values();
  const { words, parts } = questionText(question);
  const [row] = await statements.query<Question>(
    `select tsvector_to_array(search_words(${values.add(words)})) as words,
            tsvector_to_array(search_words(${values.add(parts)})) as parts,
            (select count(*)::int
               from (select from memories m where ${inScope(scope, {}, values)} limit ${CANDIDATE_BUDGET + 1}) as counted) as size`,
    values.list,
  );
  if (row === undefined) return { words: [], parts: [], size: 0 };
  const known = new Set(row.words);
  return { ...row, parts: row.parts.filter((lexeme) => !known.has(lexeme)) };
}

/** SQL for the weighted mean of two ranks: each word counts 1, each part PART_WEIGHT. */
function rankExpression(
  words: readonly string[],
  parts: readonly string[],
  values: Values,
): string {
  const rank = (weights: string, lexemes: readonly string[]): string =>
    `ts_rank('${weights}', search_document, ${values.add(anyOf(lexemes))}::tsquery)`;
  if (parts.length === 0) return rank(WEIGHTS, words);
  if (words.length === 0) return rank(WEIGHTS_OF_PARTS, parts);
  const ofParts = PART_WEIGHT * parts.length;
  return `(${words.length} * ${rank(WEIGHTS, words)} + ${ofParts} * ${rank(WEIGHTS_OF_PARTS, parts)}) / ${words.length + ofParts}`;
}

/**
 * True when all words of the question are stop words of one language. This is for languages other than English: English stop
 * words give no lexemes.
 */
async function hasOnlyStopWords(statements: Statements, question: string): Promise<boolean> {
  const texts = mayBeStopWords(question);
  if (texts === undefined) return false;
  const [row] = await statements.query<{ nothing: boolean }>(STOP_WORDS_ONLY, texts);
  return row?.nothing === true;
}

function byImportance(size: number): Plan {
  return {
    rank: '0::real',
    candidates: `select * from eligible order by created_at desc, id desc limit ${NEWEST}`,
    readsScope: false,
    countsScope: size <= CANDIDATE_BUDGET,
  };
}

/** `eligible` applies every filter, so that no memory outside of it is ranked. */
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
    with eligible as ${plan.readsScope ? '' : 'not'} materialized (
      select m.id, m.created_at, m.importance, m.search_document
        from memories m ${past}
       where ${inScope(scope, filter, values)} and ${trueAt(moment, values)}
    ), candidates as (${plan.candidates}
    ), ranked as (
      select id, importance, created_at, ${plan.rank} as rank from candidates order by ${BEST_FIRST} limit ${values.add(limit)}
    ), hits as (
      select ${SEEN_COLUMNS}, ranked.rank
        from ranked join memories m on m.id = ranked.id
        join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
    )
    select shown.*, searched.searched
      from (select ${plan.countsScope ? '(select count(*)::int from eligible)' : '0'} as searched) as searched
      left join (${withinBudget('select * from hits', BEST_FIRST)}) as shown on true
     order by ${BEST_FIRST}`;
}

const isHit = (row: HitRow): row is FoundRow => row.id !== null;

function toHit(row: FoundRow): Hit {
  return { seen: toSeenMemory(row), similarity: Math.min(1, row.rank / FULL_RANK) };
}

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
