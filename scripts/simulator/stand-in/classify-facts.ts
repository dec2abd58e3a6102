import { categoryOf } from './keywords.js';
import type { NumberedFact } from './read-prompt.js';
import { statementIn } from './statement.js';
import { stems } from './words.js';

/** One verdict in the shape that the classifying prompt asks for. */
export interface StandInVerdict {
  readonly candidate: number;
  readonly reasoning: string;
  readonly verdict: 'supersedes' | 'refines' | 'independent';
  readonly confidence: number;
}

/** What is not the case yet, or not surely, ends nothing. */
const HEDGED =
  /\b(?:plans?|planning|wants?|hopes?|hoping|might|maybe|could|would|considering|thinking (?:of|about)|intends?|interview\w*|if|dreams?|wishes)\b/i;
/** The month has a capital. */
const MAY = /\bmay\b/;
const OVER =
  /\b(?:no longer|not any ?more|does not|doesn't|stopped|quit|gave up|left|used to)\b(?<rest>.*)$/i;

/**
 * Compares by rules: the same subject and property with another value is superseded, with more of it refined. Anything
 * that the rules cannot read is independent.
 */
export function classifyFacts({
  fact,
  candidates,
}: {
  readonly fact: string;
  readonly candidates: readonly NumberedFact[];
}): { readonly comparisons: readonly StandInVerdict[]; readonly category: string } {
  return {
    comparisons: candidates.map((candidate) => ({
      candidate: candidate.candidate,
      ...verdictOn(fact, candidate.fact),
    })),
    category: categoryOf(fact),
  };
}

function verdictOn(fact: string, stands: string): Omit<StandInVerdict, 'candidate'> {
  if (HEDGED.test(fact) || MAY.test(fact)) return independent('The new fact is not settled.');
  if (saysItIsOver(fact, stands))
    return supersedes('By rule: the new fact says that the other one is over.');
  const [one, other] = [statementIn(fact), statementIn(stands)];
  if (!one || !other) return independent('No rule of the stand-in reads both facts.');
  if (one.subject !== other.subject) return independent('The facts are about different subjects.');
  if (one.property !== other.property)
    return independent('The facts are about different properties.');
  if (holds(one.value, other.value) || holds(other.value, one.value)) {
    return {
      reasoning: 'By rule: the same value, said with more or less detail.',
      verdict: 'refines',
      confidence: 0.9,
    };
  }
  return supersedes('By rule: the same subject and property, with another value.');
}

/** "Dana no longer works at Globex" beside "Dana works at Globex": every word of what is over stands there. */
function saysItIsOver(fact: string, stands: string): boolean {
  const over = OVER.exec(fact);
  if (over === null) return false;
  const subject = stems(fact.slice(0, over.index));
  const rest = stems(over.groups?.['rest'] ?? '');
  const known = new Set(stems(stands));
  return rest.length > 0 && [...subject, ...rest].every((word) => known.has(word));
}

const holds = (all: ReadonlySet<string>, some: ReadonlySet<string>): boolean =>
  [...some].every((word) => all.has(word));

const independent = (reasoning: string): Omit<StandInVerdict, 'candidate'> => ({
  reasoning,
  verdict: 'independent',
  confidence: 0.9,
});

const supersedes = (reasoning: string): Omit<StandInVerdict, 'candidate'> => ({
  reasoning,
  verdict: 'supersedes',
  confidence: 0.95,
});
