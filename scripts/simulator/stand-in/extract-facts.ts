import { dated } from './dates.js';
import { categoryOf, importanceOf, topicOf } from './keywords.js';
import type { Said } from './read-prompt.js';
import { recommendationsOf, statementsOf } from './select-statements.js';
import { addresseeToThirdPerson, toThirdPerson } from './third-person.js';

/** One fact in the shape that the extraction prompt asks for. */
export interface StandInFact {
  readonly fact: string;
  readonly topic: string;
  readonly category: string;
  readonly importance: number;
  readonly valid_from: string | null;
  readonly messages: readonly number[];
}

export interface StandInFacts {
  readonly facts: readonly StandInFact[];
  readonly note: string | null;
}

const NAME_STATED =
  /\b(?:my name is|my name's|call me|i am called|i'm called)\s+(\p{Lu}[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+)?)|^(?:hi|hello|hey)[\s,!]+(?:there[\s,!]+)?(?:i'm|i am)\s+(\p{Lu}[\p{L}'-]+)\b/iu;

const INTRODUCTION =
  /(?:name is|name's|call me|i am|i'm|i am called|i'm called)\s+(\p{Lu}[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+)?)[.!,]?$/iu;

/** Finds what the speakers of a conversation say of themselves, and what the assistant recommends. */
export function extractFacts(conversation: readonly Said[]): StandInFacts {
  const facts: StandInFact[] = [];
  const seen = new Set<string>();
  let learnt: string | undefined;
  let addressee: string | undefined;
  for (const said of conversation) {
    const name = said.name ?? learnt;
    const found =
      said.role === 'assistant'
        ? recommended(said, addressee)
        : said.role === 'user'
          ? stated(said, name)
          : [];
    for (const fact of found) {
      const fold = fact.fact.toLowerCase();
      if (!seen.has(fold)) facts.push(fact);
      seen.add(fold);
    }
    if (said.role !== 'user') continue;
    learnt ??= nameStated(said.text);
    addressee = said.name ?? learnt;
  }
  const note =
    facts.length > 0 ? null : 'No statement that a speaker makes of themselves was found.';
  return { facts, note };
}

function stated(said: Said, name: string | undefined): readonly StandInFact[] {
  const own = nameStated(said.text);
  return statementsOf(said.text).map((statement) => {
    const introduces = own !== undefined && INTRODUCTION.exec(statement)?.[1] === own;
    const { text, validFrom } = dated(statement, said.at);
    if (introduces)
      return toFact(`${capital(name ?? 'the user')}'s name is ${own}.`, said.n, undefined);
    return toFact(toThirdPerson(text, name ?? own ?? 'the user'), said.n, validFrom);
  });
}

function recommended(said: Said, addressee: string | undefined): readonly StandInFact[] {
  return recommendationsOf(said.text).map((rest) => {
    const fact = `The assistant recommended ${addresseeToThirdPerson(rest, addressee ?? 'the user')}.`;
    return { ...toFact(fact, said.n, undefined), importance: 4 };
  });
}

function toFact(fact: string, n: number, validFrom: string | undefined): StandInFact {
  return {
    fact,
    topic: topicOf(fact),
    category: categoryOf(fact),
    importance: importanceOf(fact),
    valid_from: validFrom ?? null,
    messages: [n],
  };
}

/** The `i` flag is for the words around it: a name itself begins with a capital. */
function nameStated(text: string): string | undefined {
  const found = NAME_STATED.exec(text.trim());
  const name = found?.[1] ?? found?.[2];
  if (name === undefined || !/^\p{Lu}/u.test(name)) return undefined;
  return name
    .split(' ')
    .filter((word) => /^\p{Lu}/u.test(word))
    .join(' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
