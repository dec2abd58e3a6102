import { textOf } from '../http/json.js';
import type { NumberedText } from './read-prompt.js';

const MAX_FACTS_PER_MESSAGE = 3;
const MAX_CITED = 4;

const FIRST_PERSON = /(?:^|[\s,])(?:I|I'm|I've|my|My|we|We|our|Our)\s/;
/** Present-tense verbs that get an "s" when "I" becomes a name. Other verbs, such as "moved", stay as they are. */
const PRESENT = /^(like|live|love|work|keep|need|want|prefer|enjoy|speak|play|run|own|use)\b/;

/** Copies each sentence in which a user speaks of themselves; the speaker's name takes the place of a leading "I". */
export function extractFacts(conversation: readonly NumberedText[]): object {
  const spoken = conversation.map(({ text }) => text).join('\n');
  const introduced = /\b[Mm]y name is (\p{Lu}\p{L}+)/u.exec(spoken)?.[1];
  const found = conversation
    .filter(({ line }) => line['role'] === 'user')
    .flatMap(({ number, line, text }) =>
      sentencesOf(text)
        .filter((sentence) => FIRST_PERSON.test(sentence))
        .slice(0, MAX_FACTS_PER_MESSAGE)
        .map((sentence) => ({
          fact: inThirdPerson(sentence, textOf(line['name']) ?? introduced ?? 'The user'),
          number,
        })),
    );
  const facts = [...new Map(found.map((each) => [each.fact.toLowerCase(), each])).values()].map(
    ({ fact, number }) => ({
      fact,
      topic: 'General',
      category: 'other',
      importance: 5,
      valid_from: /\b(?:19|20)\d\d-\d\d-\d\d\b/.exec(fact)?.[0] ?? null,
      messages: [number],
    }),
  );
  return { facts, note: facts.length > 0 ? null : 'No user speaks of themselves.' };
}

/** The sentences of a text, without questions. */
const sentencesOf = (text: string): readonly string[] =>
  text
    .replaceAll('’', "'")
    .split(/(?<=[.!?])\s+|\n+|\s+and\s+(?=I\b|my\b)/)
    .map((sentence) => sentence.trim().replace(/[.!]*$/, ''))
    .filter((sentence) => sentence !== '' && !sentence.endsWith('?'));

function inThirdPerson(sentence: string, name: string): string {
  const text = sentence
    .replace(/^(?:I'm|I am)\s/, `${name} is `)
    .replace(/^(?:I've|I have)\s/, `${name} has `)
    .replace(/^[Mm]y\s/, `${name}'s `)
    .replace(/^I\s(.*)$/s, (_, rest: string) => `${name} ${rest.replace(PRESENT, '$1s')}`);
  // Without a name in it, the stored sentence would not show which person made the statement.
  return `${text === sentence && !sentence.includes(name) ? `${name} said: ` : ''}${text}.`;
}

const NO_ANSWER = 'The memories do not contain the answer.';

/** Quotes the memories that share the most words with the question, each with its marker. */
export function answerQuestion(question: string, memories: readonly NumberedText[]): string {
  const asked = wordsOf(question);
  const texts = memories.map((memory) => ({ memory, words: wordsOf(memory.text) }));
  // A word that every memory contains, such as a person's name, does not help to choose a memory.
  const distinctive = [...asked].filter(
    (word) => memories.length < 2 || texts.some(({ words }) => !words.has(word)),
  );
  const scored = texts
    .map(({ memory, words }) => ({ memory, score: distinctive.filter((w) => words.has(w)).length }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  const quoted = scored
    .filter(({ score }) => score === best)
    .slice(0, MAX_CITED)
    .map(
      ({ memory: { text, number } }) => `${text.trim().replace(/[.!\s]+$/, '')} [mem-${number}].`,
    );
  return quoted.length === 0 ? NO_ANSWER : quoted.join(' ');
}

/** Properties that have one value at a time, such as a home. The group matches the subject. */
const PROPERTIES: readonly RegExp[] = [
  /^(.+?) (?:lives in|moved to|is based in) /i,
  /^(.+?) (?:works (?:at|for)|joined|started at) /i,
  /^(.+? (?:is|are)) /i,
  /^(.+? has (?:\d+|one|two|three|four|five|no)) (?=\w)/i,
];
/** Words of a plan or a possibility. Such a fact does not supersede another one. */
const HEDGED = /\b(?:plans?|wants?|hopes?|might|may|could|would|considering|if)\b/i;

/** A fact supersedes a candidate that states another value of the same property and subject. Otherwise it is independent. */
export function classifyFacts(fact: string, candidates: readonly NumberedText[]): object {
  const comparisons = candidates.map(({ number, text: candidate }) => {
    const supersedes = !HEDGED.test(fact) && hasOtherValue(fact, candidate);
    return {
      candidate: number,
      reasoning: supersedes
        ? 'By rule: another value of one property.'
        : 'By rule: nothing is replaced.',
      verdict: supersedes ? 'supersedes' : 'independent',
      confidence: 0.95,
    };
  });
  return { category: 'other', comparisons };
}

function hasOtherValue(fact: string, candidate: string): boolean {
  return PROPERTIES.some((property) => {
    const [one, other] = [property.exec(fact), property.exec(candidate)];
    if (!one?.[1] || !other?.[1]) return false;
    return subjectOf(one[1]) === subjectOf(other[1]) && fact !== candidate;
  });
}

/** Removes a number, so that "Dana has two" and "Dana has three" have the same subject. */
const subjectOf = (text: string): string =>
  text.toLowerCase().replace(/\d+|one|two|three|four|five/, '');

const STOP_WORDS = new Set(
  'a an and are at did do does for has have how i in is it of on or s that the to user was were what when where which who why will with you'.split(
    ' ',
  ),
);

/** Words in lower case, cut to six letters: "allergy" and "allergic" count as one word. */
const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
      .filter((word) => !STOP_WORDS.has(word))
      .map((word) =>
        word.length > 3 ? word.replace(/(?:ing|ies|ed|es|s|e|y)$/, '').slice(0, 6) : word,
      ),
  );
