import { cutText } from '@app/llm-providers';
import {
  type CandidateFact,
  fold,
  isExcluded,
  type MemoryIndex,
  type Scope,
  type SeenMemory,
  type SupersessionPolicy,
} from '@app/memory';

const MOST_CANDIDATES = 5;
/** Some of what is found may not be compared: others then take its place. */
const MOST_FOUND = 15;
/** Enough words to find what is alike; a fact may be as long as a letter. */
const MOST_QUESTION_CHARACTERS = 2_000;

/**
 * The most similar current facts of the tenant, whatever source they came from: what was learned in one place may end what
 * was learned in another. What no model may supersede is not shown to one; the same words say nothing new.
 */
export async function findCandidates(
  index: MemoryIndex,
  scope: Scope,
  fact: CandidateFact,
  policy: SupersessionPolicy,
): Promise<readonly SeenMemory[] | 'excluded_category' | 'no_candidates'> {
  const { hits } = await index.retrieve({
    question: cutText(fact.text, MOST_QUESTION_CHARACTERS),
    scope,
    filter: {},
    moment: {},
    limit: MOST_FOUND,
  });
  const alike = hits
    // Without a word in common the index gives the newest, which is no likeness.
    .filter(({ similarity, seen }) => similarity > 0 && fold(seen.memory.text) !== fold(fact.text))
    .map(({ seen }) => seen);
  const allowed = alike.filter(({ memory }) => !isExcluded(memory, policy));
  if (allowed.length > 0) return allowed.slice(0, MOST_CANDIDATES);
  return alike.length > 0 ? 'excluded_category' : 'no_candidates';
}
