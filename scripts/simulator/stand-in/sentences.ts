const ABBREVIATION = /\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|No|approx|[A-Z])\.$/;

/** Words that open a sentence and say nothing. */
const OPENER = new RegExp(
  `^(?:(?:oh|well|so|and|but|also|plus|yes|yeah|yep|no|okay|ok|sure|hi|hello|hey|hi there|hello there|hey there|actually|honestly|
  anyway|lastly|finally|firstly|first of all|secondly|for starters|for instance|for example|then|after that|on a different note|on another note|by the way|btw|in fact|
  additionally|however|furthermore|moreover|besides|overall|in addition|of course|as you know|just so you know|interestingly|
  unfortunately|fortunately|luckily|sadly|to be honest|thanks|thank you|great|good morning|good evening|
  for your information|fyi)(?:[,:;–—]|\\s+-)|(?:and|but|so|plus|well|oh|also)(?=\\s+(?:i|my)\\b))\\s*`.replace(
    /\n\s+/g,
    '',
  ),
  'i',
);

/** The sentences of a message, in order, trimmed. */
export function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = [];
  let open = '';
  for (const piece of text.replaceAll('’', "'").split(/(?<=[.!?…]["'”)\]]{0,3})\s+|\s*\n+\s*/)) {
    open = open === '' ? piece : `${open} ${piece}`;
    if (ABBREVIATION.test(open)) continue;
    if (open.trim() !== '') sentences.push(open.trim());
    open = '';
  }
  if (open.trim() !== '') sentences.push(open.trim());
  return sentences;
}

/** Without its empty openers, beginning with a capital. */
export function withoutOpener(sentence: string): string {
  let rest = sentence.replace(/^[-*•\d.)\s]+(?=[A-Z])/, '');
  for (let next = rest.replace(OPENER, ''); next !== rest; next = rest.replace(OPENER, ''))
    rest = next;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

const SPEAKER_CLAUSE =
  /,?\s+(?:and|but)\s+(?=(?:i|i'm|i've|i'd|i'll)\s|my\s+(?:\w+\s+){1,3}(?:is|are|was|were|has|have)\s)/gi;
/** "My wife and I moved": what is joined there are people, not statements. */
const PEOPLE =
  /^(?:(?:just\s+)?(?:last|this)\s+\w+,?\s+)?(?:my|our|[A-Z][a-z]+)(?:\s+[\w']+){0,2}$/i;

/** Statements of one sentence that can stand apart: "my name is Dana and I work at Globex" are two. */
export function clausesOf(sentence: string): readonly string[] {
  const clauses: string[] = [];
  let from = 0;
  for (const joint of sentence.matchAll(SPEAKER_CLAUSE)) {
    const left = sentence.slice(from, joint.index);
    // What hangs on a conjunction ("because …, and I …") is no statement of its own.
    if (
      PEOPLE.test(left) ||
      /^(?:if|when|while|although|because|since|as|after|before)\b/i.test(left)
    )
      continue;
    clauses.push(left);
    from = joint.index + joint[0].length;
  }
  clauses.push(sentence.slice(from));
  return clauses.map(withoutOpener).filter((clause) => clause !== '');
}
