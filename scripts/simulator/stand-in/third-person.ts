import { thirdPerson, withThey } from './conjugate.js';

/** Words between subject and verb that leave the verb where it is. */
const ADVERB =
  /^(?:(?:\w+ly|no longer|also|just|often|always|never|sometimes|still|even|now|then|once|recently|soon|almost|already|ever|both|currently|too)\s+)+/i;

const CONTRACTED: readonly (readonly [RegExp, string])[] = [
  [/\bI'm\b/gi, 'I am'],
  [/\bI've\b/gi, 'I have'],
  [/\bI'll\b/gi, 'I will'],
  [
    /\bI'd (?=(?:\w+ly |just |always |never |already )*(?:been|had|gone|done|seen|\w+ed)\b)/gi,
    'I had ',
  ],
  [/\bI'd\b/gi, 'I would'],
  [/\bwe're\b/gi, 'we are'],
  [/\bwe've\b/gi, 'we have'],
  [/\bwe'll\b/gi, 'we will'],
  [/\bwe'd\b/gi, 'we would'],
  [/\bain't\b/gi, 'am not'],
  [/\b(?:gonna)\b/gi, 'going to'],
];

const TOKEN =
  /\b(I|we)\b(?!')\s+|\b(my|mine|me|myself|our|ours|us|ourselves)\b(?!')|\b(and) I\b|\bI\b(?!')/gi;

/**
 * Rewrites what a speaker says of themselves: the first mention becomes the name, later ones `they`.
 * @param name `Alex`, or `the user` where nobody is named.
 */
export function toThirdPerson(sentence: string, name: string): string {
  let text = sentence;
  for (const [pattern, expansion] of CONTRACTED) text = text.replace(pattern, expansion);
  text = text.replace(
    /^My ((?:[\w'-]+ ){0,2}[\w'-]+) and I\b/i,
    (_all, kin: string) => `${name} and their ${kin}`,
  );
  let named = text.startsWith(name);

  const rewritten: string[] = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    // A pronoun inside what an earlier one took with it.
    if (found.index < from) continue;
    rewritten.push(text.slice(from, found.index));
    const [whole, subject, other] = found;
    from = found.index + whole.length;
    if (subject !== undefined) {
      const plural = subject.toLowerCase() === 'we';
      const [verbs, taken] = takeVerb(text.slice(from), named || plural);
      rewritten.push(`${named ? 'they' : plural ? `${name} and others` : name} ${verbs}`);
      from += taken;
    } else if (other !== undefined) {
      rewritten.push(objectForm(other.toLowerCase(), named ? undefined : name));
    } else {
      rewritten.push(
        found[3] === undefined ? (named ? 'they' : name) : `and ${named ? 'them' : name}`,
      );
    }
    named = true;
  }
  return finish(rewritten.join('') + text.slice(from));
}

/** The adverbs and the verb that follow a subject, the verb in its new form, and how much text they were. */
function takeVerb(rest: string, plural: boolean): readonly [string, number] {
  const adverbs = ADVERB.exec(rest)?.[0] ?? '';
  const verb = /^[a-z']+/i.exec(rest.slice(adverbs.length))?.[0] ?? '';
  const form = plural ? withThey(verb) : verb === '' ? '' : thirdPerson(verb);
  return [adverbs + form, adverbs.length + verb.length];
}

const OBJECTS: Readonly<Record<string, readonly [named: string, later: string]>> = {
  my: ['{}’s', 'their'],
  our: ['{}’s', 'their'],
  mine: ['{}’s', 'theirs'],
  ours: ['{}’s', 'theirs'],
  me: ['{}', 'them'],
  us: ['{}', 'them'],
  myself: ['{}', 'themselves'],
  ourselves: ['{}', 'themselves'],
};

function objectForm(pronoun: string, name: string | undefined): string {
  const [first, later] = OBJECTS[pronoun] ?? ['{}', 'them'];
  return name === undefined ? later : first.replace('{}', name).replace('’', "'");
}

function finish(text: string): string {
  const trimmed = text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[.!,;:\s]+$/, '');
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
}

/** What the assistant tells the user, told of the user: `your goals` → `Alex's goals`. */
export function addresseeToThirdPerson(text: string, name: string): string {
  let named = false;
  const first = (form: string, later: string): string => {
    const chosen = named ? later : form;
    named = true;
    return chosen;
  };
  return text
    .replace(/\byou're\b/gi, 'you are')
    .replace(/\byou've\b/gi, 'you have')
    .replace(/\byou'll\b/gi, 'you will')
    .replace(/\byou'd\b/gi, 'you would')
    .replace(
      /\b(yourself|yours|your|you)\b(\s+(?:are|have|do|were)\b)?/gi,
      (_all, word: string, verb: string = '') => {
        const fresh = !named;
        if (/^your$/i.test(word)) return first(`${name}'s`, 'their');
        if (/^yours$/i.test(word)) return first(`${name}'s`, 'theirs');
        if (/^yourself$/i.test(word)) return first(name, 'themselves');
        return `${first(name, 'they')}${fresh && verb !== '' ? ` ${thirdPerson(verb.trim())}` : verb}`;
      },
    );
}
