import type { Memory, Turn } from './memory.js';

/**
 * Largest size of the memories in one answer, as JSON. A page that reaches it ends early, and a list of hits loses its last
 * hits. The first memory is always included: other limits keep a single memory far below this size.
 */
export const MEMORY_BUDGET_BYTES = 4 * 1024 * 1024;

/** Lists and answers show at most this many characters of the turns of one memory. */
export const EXCERPT_CHARACTERS = 4_000;
/** The same limit for a memory that is read by its id: more than the body of a single write can hold. */
export const WHOLE_CHARACTERS = 2 * 1024 * 1024;
/** A memory cites at most this many turns: the first ones that its fact names. */
export const MAX_CITED_TURNS = 50;

/** The first characters of a text, by code points as Postgres counts them, so that no character is cut in two. */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  let end = 0;
  for (let left = characters; left > 0 && end < text.length; left -= 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/** The part of a memory's turns that an answer shows. The SQL of the store must return the same. */
export function excerptOf(
  turns: readonly Turn[],
  characters: number,
): Pick<Memory, 'turns' | 'turnsShortened'> {
  let left = characters;
  const shown = turns.slice(0, MAX_CITED_TURNS).flatMap((turn) => {
    const text = beginningOf(turn.text, left);
    left -= Array.from(text).length;
    return text === '' && turn.text !== '' ? [] : [{ ...turn, text }];
  });
  return {
    turns: shown,
    turnsShortened: shown.length < turns.length || lengthOf(shown) < lengthOf(turns),
  };
}

const lengthOf = (turns: readonly Turn[]): number =>
  turns.reduce((sum, { text }) => sum + text.length, 0);
