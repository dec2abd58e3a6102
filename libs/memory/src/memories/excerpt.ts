import type { Memory, Turn } from './memory.js';

/**
 * One answer holds at most so many bytes of memories, as JSON. A page ends early, and hits are left out from the end of the
 * ranking; the first memory is shown whatever its size, which other bounds keep far below this.
 */
export const MEMORY_BUDGET_BYTES = 4 * 1024 * 1024;

/** Lists and answers show at most so many characters of what one memory cites. */
export const EXCERPT_CHARACTERS = 4_000;
/** One memory asked for by its id shows so much: more than the body of a single write can hold. */
export const WHOLE_CHARACTERS = 2 * 1024 * 1024;
/** A memory cites at most so many turns: the first that its fact names. */
export const MAX_CITED_TURNS = 50;

/** The first characters of a text, by code points as Postgres counts them, so that no character is cut in two. */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  let end = 0;
  for (let left = characters; left > 0 && end < text.length; left -= 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/** What a reader is shown of the turns that a memory cites. The specification that the SQL is held to. */
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
