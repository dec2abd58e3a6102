import { ALL_TENANTS, type Hit, MemoryIndex, type Retrieval, type Retrieved } from '@app/memory';

import {
  CANDIDATE_BUDGET,
  lexemesToMatch,
  lexemesToRank,
  MAX_LEXEMES,
  SearchStatistics,
} from '../search/candidate-budget.js';
import { hasOnlyStopWords } from '../search/stop-words.js';
import type { Database } from '../sql/database.js';
import type { ReadConnection } from '../sql/read-only.js';
import { type Statements, Values } from '../sql/statements.js';
import {
  type Lexemes,
  lexemesIn,
  searchByWords,
  searchNewest,
  searchWholeScope,
} from './retrieval-sql.js';
import { leftOutOf, toSeenMemory, type WeighedRow } from './seen-memory.js';

/** A scope of up to this size is read as a whole: cheaper than an index lookup of each lexeme. */
const SMALL_SCOPE = 4_000;

/**
 * The ts_rank of a fact that contains each lexeme of the question once: 6/π² of weight A, because ts_rank weighs repeated
 * occurrences by 1/n² and divides by the sum of that series (calc_rank_or in Postgres' tsrank.c).
 */
const FULL_RANK = 6 / Math.PI ** 2;

interface Ranked {
  readonly rank: number;
  readonly searched: number;
  /** How many lexemes the question has. */
  readonly lexemes: number;
}
type FoundRow = WeighedRow & Ranked;
/** Without a hit there is still one row, which holds `searched` and `lexemes`. */
type HitRow = FoundRow | ({ readonly id: null } & Ranked);

interface Found {
  readonly retrieved: Retrieved;
  /** How many lexemes the question has. */
  readonly lexemes: number;
}

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
    const { retrieved, lexemes } = await this.#findByWords(statements, retrieval, size);
    if (retrieved.hits.length > 0) return retrieved;
    const isWordless = lexemes === 0 || (await hasOnlyStopWords(statements, retrieval.question));
    return isWordless ? this.#findNewest(statements, retrieval, size) : retrieved;
  }

  async #findByWords(
    statements: ReadConnection,
    retrieval: Retrieval,
    size: number,
  ): Promise<Found> {
    if (size > SMALL_SCOPE) return this.#findByChosenWords(statements, retrieval, size);
    const values = new Values();
    const sql = searchWholeScope(retrieval, values);
    const rows = await (isPlain(retrieval)
      ? statements.prepared<HitRow>(sql, values.list)
      : statements.query<HitRow>(sql, values.list));
    const found = foundIn(rows);
    if (found.lexemes <= MAX_LEXEMES) return found;
    return this.#findByChosenWords(statements, retrieval, size);
  }

  /** Reads the lexemes first: Postgres plans by their frequencies, and of too many this method chooses some. */
  async #findByChosenWords(
    statements: Statements,
    retrieval: Retrieval,
    size: number,
  ): Promise<Found> {
    const { words, parts } = await readLexemes(statements, retrieval.question);
    const lexemes = words.length + parts.length;
    const isLarge = size > CANDIDATE_BUDGET;
    const frequencies =
      isLarge || lexemes > MAX_LEXEMES
        ? await this.#statistics.frequencies(statements)
        : new Map<string, number>();
    const ranked = lexemesToRank(words, frequencies);
    const lesser = lexemesToRank(parts, frequencies, MAX_LEXEMES - ranked.length);
    const all = [...ranked, ...lesser];
    const sizeOfScope = () => this.#statistics.sizeOf(statements, retrieval.scope);
    const match = isLarge ? lexemesToMatch(all, frequencies, await sizeOfScope()) : all;
    const values = new Values();
    const chosen = { words: ranked, parts: lesser };
    const sql = searchByWords(chosen, match, retrieval, values, !isLarge);
    const { retrieved } = foundIn(await statements.query<HitRow>(sql, values.list));
    const searched = isLarge ? await sizeOfScope() : retrieved.searched;
    return { retrieved: { ...retrieved, searched }, lexemes };
  }

  async #findNewest(
    statements: Statements,
    retrieval: Retrieval,
    size: number,
  ): Promise<Retrieved> {
    const isLarge = size > CANDIDATE_BUDGET;
    const values = new Values();
    const sql = searchNewest(retrieval, values, !isLarge);
    const { retrieved } = foundIn(await statements.query<HitRow>(sql, values.list));
    if (!isLarge) return retrieved;
    return {
      ...retrieved,
      searched: await this.#statistics.sizeOf(statements, retrieval.scope),
    };
  }
}

/** The most frequent kind of retrieval. Of all other kinds together there are too many to prepare a statement for each. */
const isPlain = ({ scope, filter, moment }: Retrieval): boolean =>
  scope.tenantId !== ALL_TENANTS &&
  [...Object.values(filter), ...Object.values(moment)].every((value) => value === undefined);

async function readLexemes(statements: Statements, question: string): Promise<Lexemes> {
  const values = new Values();
  const sql = lexemesIn(question, values);
  const [row] = await statements.query<Lexemes>(sql, values.list);
  return row ?? { words: [], parts: [] };
}

function foundIn(rows: readonly HitRow[]): Found {
  const [first] = rows;
  const hits = rows.filter(isHit);
  return {
    retrieved: {
      hits: hits.map(toHit),
      searched: first?.searched ?? 0,
      leftOut: leftOutOf(hits),
    },
    lexemes: first?.lexemes ?? 0,
  };
}

const isHit = (row: HitRow): row is FoundRow => row.id !== null;

function toHit(row: FoundRow): Hit {
  return { seen: toSeenMemory(row), similarity: Math.min(1, row.rank / FULL_RANK) };
}
