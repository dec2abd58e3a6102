import { fold } from '@app/memory';

import type { Excerpt } from './split-conversation.js';
import { MAX_CITED_MESSAGES } from './write-bounds.js';

/** A message counts as the source of a fact if it contains at least this share of the fact's words. */
const CLEAR_SHARE = 0.6;
/** The messages that the model named count as wrong below this share, if another message counts as the source. */
const WRONG_SHARE = 0.3;
/** Only the beginning of a long fact is compared, which is enough to find its source. */
const COMPARED_CHARACTERS = 4_000;

/** Finds the messages that facts came from. It indexes the words of a part once, for all facts of the part. */
export class SourceFinder {
  /** The indexes of the excerpts that contain a word. */
  readonly #excerptsOf = new Map<string, number[]>();
  readonly #shown: ReadonlySet<number>;

  constructor(private readonly part: readonly Excerpt[]) {
    this.#shown = new Set(part.map(({ position }) => position));
    for (const [index, { text }] of part.entries()) {
      for (const word of wordsOf(text)) {
        const excerpts = this.#excerptsOf.get(word);
        if (excerpts) excerpts.push(index);
        else this.#excerptsOf.set(word, [index]);
      }
    }
  }

  /**
   * Positions of the messages that a fact came from, in ascending order. These are the messages that the model named, unless
   * they contain few of the fact's words (WRONG_SHARE) and another message contains most (CLEAR_SHARE). In that case, and if
   * the model named no message of the part, it is the message with most words of the fact. If no message contains any of its
   * words, these are the user messages of the part, or all its messages if none is the user's.
   */
  find(fact: string, named: readonly number[]): readonly number[] {
    const known = [...new Set(named)].filter((n) => this.#shown.has(n));
    const positions = known.slice(0, MAX_CITED_MESSAGES).toSorted((a, b) => a - b);
    const shares = this.#sharesOf(wordsOf(fact.slice(0, COMPARED_CHARACTERS)));
    const best = shares.reduce(
      (first, share, index) => (share > shares[first]! ? index : first),
      0,
    );
    const bestShare = shares[best] ?? 0;
    const cited = new Set(positions);
    const namedShare = shares.reduce(
      (most, share, index) =>
        cited.has(this.part[index]!.position) ? Math.max(most, share) : most,
      0,
    );
    if (positions.length > 0 && !(namedShare < WRONG_SHARE && bestShare >= CLEAR_SHARE))
      return positions;
    if (bestShare > 0) return [this.part[best]!.position];
    const said = this.part.filter(({ role }) => role === 'user');
    const all = (said.length > 0 ? said : this.part).map(({ position }) => position);
    return [...new Set(all)].slice(0, MAX_CITED_MESSAGES);
  }

  /** The share of the words that each excerpt contains, 0 to 1. */
  #sharesOf(words: ReadonlySet<string>): readonly number[] {
    const counts = this.part.map(() => 0);
    for (const word of words)
      for (const index of this.#excerptsOf.get(word) ?? []) counts[index]! += 1;
    return counts.map((count) => (words.size === 0 ? 0 : count / words.size));
  }
}

const WORD = /[\p{L}\p{M}\p{N}]{3,}/gu;
/** Scripts that write no spaces between words, and Korean, which writes no spaces before particles. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]{2,}/gu;

/** Words of three letters or more; in scripts without spaces, every pair of neighbouring characters. */
function wordsOf(text: string): ReadonlySet<string> {
  const folded = fold(text);
  const words = folded.match(WORD) ?? [];
  const pairs = (folded.match(UNSPACED) ?? []).flatMap((run) =>
    Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)),
  );
  return new Set([...words, ...pairs]);
}
