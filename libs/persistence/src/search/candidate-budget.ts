/** Ranking costs 2 to 4 µs a candidate, so this bounds the cost of a question, however large its scope. */
export const CANDIDATE_BUDGET = 20_000;

/** Ranking costs by the lexeme as well. A question of forty words has about as many. */
export const MAX_LEXEMES = 64;

/** In how large a part of all memories a lexeme stands, by Postgres' statistics; undefined for one too rare to be in them. */
export type Frequencies = ReadonlyMap<string, number>;

/**
 * The lexemes that candidates are matched by: rarest first, while the candidates they may bring stay within the budget; at
 * least one. In a scope within the budget: all of them. Ranking looks at all of the given ones.
 */
export function lexemesToMatch(
  lexemes: readonly string[],
  frequencies: Frequencies,
  scopeSize: number,
): readonly string[] {
  if (scopeSize <= CANDIDATE_BUDGET) return lexemes;
  const expected = (lexeme: string): number => (frequencies.get(lexeme) ?? 0) * scopeSize;
  const rarestFirst = lexemes.toSorted((a, b) => expected(a) - expected(b));
  let candidates = 0;
  const within = rarestFirst.filter(
    (lexeme) => (candidates += expected(lexeme)) <= CANDIDATE_BUDGET,
  );
  return within.length > 0 ? within : rarestFirst.slice(0, 1);
}

/**
 * The lexemes that candidates are ranked by: all of an ordinary question. Of more than MAX_LEXEMES the rarest, and among
 * those that the statistics do not know the longest.
 */
export function lexemesToRank(
  lexemes: readonly string[],
  frequencies: Frequencies,
  most = MAX_LEXEMES,
): readonly string[] {
  if (lexemes.length <= most) return lexemes;
  const rarity = (lexeme: string): number => frequencies.get(lexeme) ?? 0;
  return lexemes.toSorted((a, b) => rarity(a) - rarity(b) || b.length - a.length).slice(0, most);
}

/** The lexemes as a tsquery that any one of them satisfies. Each is quoted: none is an operator. */
export function anyOf(lexemes: readonly string[]): string {
  return lexemes.map((lexeme) => `'${lexeme.replace(/['\\]/g, '$&$&')}'`).join(' | ');
}
