import type { Excerpt } from './split-conversation.js';

/** So much of a fact's words stand in a message that the message clearly says it. */
const CLEARLY = 0.6;
/** So few of them stand in the messages that the model named that another must have said it. */
const HARDLY = 0.3;

/**
 * The messages that a fact came from, by their positions and in their order: those that the model named, checked. Models
 * count wrongly; then the message that clearly says it is cited, or where none does, all that people said in this part.
 */
export function sourcesOf(
  fact: string,
  named: readonly number[],
  part: readonly Excerpt[],
): readonly number[] {
  const shown = new Set(part.map(({ position }) => position));
  const positions = [...new Set(named)].filter((n) => shown.has(n)).toSorted((a, b) => a - b);
  const words = wordsOf(fact);
  const shares = part.map((excerpt) => ({ ...excerpt, share: shareOf(words, excerpt.text) }));
  const best = shares.reduce(
    (first, next) => (next.share > first.share ? next : first),
    shares[0]!,
  );
  const namedShare = Math.max(
    0,
    ...shares.flatMap(({ position, share }) => (positions.includes(position) ? share : [])),
  );
  if (positions.length > 0 && !(namedShare < HARDLY && best.share >= CLEARLY)) return positions;
  if (best.share > 0) return [best.position];
  const said = part.filter(({ role }) => role === 'user');
  return (said.length > 0 ? said : part).map(({ position }) => position);
}

/** Which part of the words stands in the text, 0 to 1. */
function shareOf(words: ReadonlySet<string>, text: string): number {
  const said = wordsOf(text);
  return words.size === 0 ? 0 : [...words].filter((word) => said.has(word)).length / words.size;
}

/** Words worth comparing; in scripts without spaces every pair of characters. */
function wordsOf(text: string): ReadonlySet<string> {
  const folded = text.normalize('NFKC').toLowerCase();
  const words = folded.match(/[\p{L}\p{N}]{3,}/gu) ?? [];
  const runs =
    folded.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2,}/gu) ??
    [];
  const pairs = runs.flatMap((run) =>
    Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)),
  );
  return new Set([...words, ...pairs]);
}
