import { clausesOf, sentencesOf, withoutOpener } from './sentences.js';

const MOST_PER_MESSAGE = 3;

const SMALL_TALK =
  /^(?:i (?:see|understand|agree|hope you|appreciate (?:it|that|your)|guess so|don't know|was wondering|wonder|need (?:your|some) (?:help|advice|guidance)|have a question|think so|mean|remember (?:feeling|looking|thinking))|i'm (?:glad|happy|excited|sorry|curious) (?:to hear|you|for|about that|if)|i'd (?:love|like) (?:to hear|to know|your|you|some)|i would (?:love|like) (?:to hear|to know|your|you)|(?:it|that|this) (?:was|is|sounds)|thank|thanks|looking back|in the end|ultimately)\b/i;

/** The speaker as subject, soon: after "Just last month," or "Recently,", not at the end of somebody else's sentence. */
const OF_THE_SPEAKER = /^(?:[\w'’,-]+\s+){0,6}?(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our)\b/i;
const SPEAKER_FIRST =
  /^(?:(?:just |recently,? |lately,? |currently,? |yesterday,? |today,? |(?:last|this) \w+,? |back in \d{4},? |in \d{4},? |\w+ (?:days?|weeks?|months?|years?) ago,? ))?(?:i|i'm|i've|i'll|my|we|we've)\b/i;

const HAPPENED =
  /\b(?:born|joined|attended|bought|purchased|started|stopped|quit|switched|moved|married|graduated|hosted|organi[sz]ed|visited|created|built|wrote|signed up|tried|learned|learnt|volunteered|participated|played|watched|read|adopted|collected|discovered|launched|attempted|explored|researched|subscribed|sold|planned|painted|designed|downloaded|enrolled|took|went|met|cooked)\b/i;
const LASTING =
  /\b(?:am|is|are|'m|live|work|study|have|own|love|like|hate|prefer|enjoy|favou?rite|always|never|allergic|vegan|vegetarian|plan to|want to|going to|called|speak|used to|don't|can't)\b/i;
const VAGUE =
  /\b(?:(?:find|found) (?:myself|it|that|joy|some)|have found|feel(?:s|ing)? (?:like|a|as)|it's as if|ma[dk]e[s]? me|i felt|i feel|i wonder|i realized|i imagine|i think|i believe|i thought|i expected|i noticed|i was (?:so|eager|hoping|thrilled)|left (?:me )?feeling|had (?:all|hoped|high hopes|envisioned|dreams)|looking forward|lost interest|can't help|i remember|don't you think|you know|spent countless)\b/i;
const HANGING =
  /^(?:knowing|as|when|while|each|every time|although|though|if|because|since|however|through|the more)\b/i;

/** The statements of a message in which its speaker says something of themselves: at most three, the most concrete ones. */
export function statementsOf(text: string): readonly string[] {
  const rated = sentencesOf(text)
    .filter((sentence) => !/\?["'”)]*$/.test(sentence))
    .flatMap((sentence, order) =>
      clausesOf(withoutOpener(sentence)).map((clause) => ({ clause, order })),
    )
    .filter(({ clause }) => OF_THE_SPEAKER.test(clause) && !SMALL_TALK.test(clause))
    .map(({ clause, order }) => ({ clause, order, rating: rate(clause, order) }))
    .filter(({ rating }) => rating >= 2);
  const kept = new Set(rated.toSorted((a, b) => b.rating - a.rating).slice(0, MOST_PER_MESSAGE));
  return rated.filter((statement) => kept.has(statement)).map(({ clause }) => clause);
}

function rate(clause: string, order: number): number {
  const words = clause.split(/\s+/).length;
  return (
    (SPEAKER_FIRST.test(clause) ? 2 : 0) +
    (HAPPENED.test(clause) ? 2 : 0) +
    (LASTING.test(clause) ? 1 : 0) +
    (/\d|\s[A-Z][a-z]{2,}/.test(clause) ? 1 : 0) +
    (order === 0 ? 1 : 0) -
    (VAGUE.test(clause) ? 2 : 0) -
    (HANGING.test(clause) ? 2 : 0) -
    (words > 35 ? 1 : 0) -
    (words < 3 ? 3 : 0)
  );
}

const MOST_RECOMMENDED = 2;
const RECOMMENDED =
  /^(?:.*?,\s+)?(?:i(?:'d| would)? (?:also |strongly |highly |really |definitely |personally )*(?:recommend|suggest|advise)|(?:you should|you might want to|you could) (?:also |definitely |really )*(?=(?:try|consider|start|look|visit|read|use|check|join|see|talk|ask|book|avoid|explore|watch|listen|focus|set|keep)\b))\s*/i;

/** What an assistant recommends outright, without the words that say that it does. */
export function recommendationsOf(text: string): readonly string[] {
  return sentencesOf(text)
    .filter((sentence) => !/\?["'”)]*$/.test(sentence))
    .flatMap((sentence) => {
      const found = RECOMMENDED.exec(sentence);
      if (found === null) return [];
      const rest = sentence.slice(found[0].length).replace(/[.!\s]+$/, '');
      if (rest.split(/\s+/).length < 2) return [];
      return [/\byou (?:should|might|could)\b/i.test(found[0]) ? `that you ${rest}` : rest];
    })
    .slice(0, MOST_RECOMMENDED);
}
