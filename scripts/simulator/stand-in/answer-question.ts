import type { Remembered } from './read-prompt.js';
import { kinOf, stems } from './words.js';

export const NOTHING_KNOWN = 'The memories do not tell.';

const MOST_CITED = 4;
/** A memory joins the answer only if it fits at least this much of what the best one does. */
const SHARE_OF_BEST = 0.6;

interface Scored {
  readonly memory: Remembered;
  readonly score: number;
}

/** Picks the memories that share most words with the question and says them, each with its marker. */
export function answerQuestion({
  memories,
  question,
}: {
  readonly memories: readonly Remembered[];
  readonly question: string;
}): string {
  const chosen = choose(memories, question);
  return chosen.length === 0
    ? NOTHING_KNOWN
    : chosen.map(({ memory }) => sentence(memory)).join(' ');
}

function choose(memories: readonly Remembered[], question: string): readonly Scored[] {
  const asked = [...new Set(stems(question))];
  const names = properNames(question);
  const topical = asked.filter((word) => !names.has(word));
  // A name alone ("what do you know of Dana?") is enough only where nothing else was asked.
  const wanted = topical.length > 0 ? topical : asked;
  const texts = memories.map(({ fact, topic, said }) => ({
    fact: new Set(stems(`${fact} ${topic}`)),
    said: new Set(stems(said)),
  }));
  const spread = (word: string) => texts.filter(({ fact }) => fact.has(word)).length;
  const rarity = new Map(
    wanted.map((word) => [word, Math.log(1 + memories.length / (1 + spread(word)))]),
  );

  const scored = memories
    .map((memory, index) => {
      const { fact, said } = texts[index] ?? { fact: new Set<string>(), said: new Set<string>() };
      const score = wanted.reduce(
        (sum, word) => sum + fit(word, fact, said) * (rarity.get(word) ?? 0),
        0,
      );
      const named = asked.filter((word) => names.has(word) && fact.has(word)).length;
      return { memory, score: score === 0 ? 0 : score + 0.05 * named };
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || newestFirst(a.memory, b.memory));
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => score >= best * SHARE_OF_BEST).slice(0, MOST_CITED);
}

function fit(word: string, fact: ReadonlySet<string>, said: ReadonlySet<string>): number {
  if (fact.has(word)) return 1;
  if ([...kinOf(word)].some((kin) => fact.has(kin))) return 0.6;
  return said.has(word) ? 0.3 : 0;
}

/** What is still true, then what became true last, comes first. */
function newestFirst(a: Remembered, b: Remembered): number {
  const ended = Number(a.validTo !== undefined) - Number(b.validTo !== undefined);
  return ended || (b.validFrom ?? '').localeCompare(a.validFrom ?? '');
}

/** Capitalised words after the first are names; the first is capital anyway, so only its possessive tells. */
function properNames(question: string): ReadonlySet<string> {
  const [first = '', ...rest] = question.trim().split(/\s+/);
  const named = rest.filter((word) => /^\p{Lu}\p{Ll}/u.test(word));
  return new Set([...named, ...(/['’]s$/.test(first) ? [first] : [])].flatMap(stems));
}

function sentence({ fact, mem, validTo }: Remembered): string {
  const said = fact.trim().replace(/[.!\s]+$/, '');
  const ended = validTo === undefined ? '' : ` (until ${validTo.slice(0, 10)})`;
  return `${said}${ended} [mem-${mem}].`;
}
