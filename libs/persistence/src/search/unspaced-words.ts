import { JOINT, type SearchWords } from './identifier-words.js';

/**
 * Scripts whose words are not bounded by spaces: the text parser would take a whole sentence for one word. Korean is
 * included because its particles follow a word without a space.
 */
export const UNSPACED =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Yi}\p{Script=Javanese}\p{Script=Balinese}\p{Script=Tai_Tham}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Viet}ー]+)/u;

const HAN = /\p{Script=Han}/u;
const HANGUL = /^\p{Script=Hangul}+$/u;
const NO_WORD = /[^\p{L}\p{M}\p{N}]+/u;
const TIBETAN_AND_OTHERS = /\p{Script=Tibetan}+|\P{Script=Tibetan}+/gu;
/** Particles that Tibetan writes as a part of the syllable before them. */
const TIBETAN_PARTICLE = /(?:འི|འོ|འུ|འམ|འང)$/u;

/** Korean particles and endings. They stand in most sentences, so they say little about a question. */
const KOREAN_PARTICLES: ReadonlySet<string> = new Set(
  (
    '은 는 이 가 을 를 의 에 도 만 로 와 과 야 아 나 랑 께 에서 에게 에는 에도 에만 에선 으로 까지 부터 한테 처럼 보다 마다 조차 마저 ' +
    '밖에 이나 이랑 하고 라고 이라 이다 입니다 습니다 니다 하다 한다 했다 해요 하는 합니다 에서는 에서도 에게서 으로는 으로서 으로써 이라고 이지만'
  ).split(' '),
);
const MAX_PARTICLE_CHARACTERS = 3;
/** A longer run of Hangul is not a single word. */
const MAX_KOREAN_WORD_CHARACTERS = 20;

/** Adds the words of a run that UNSPACED matches: pairs of characters, and characters that may be a word alone. */
export function addUnspaced(run: string, out: SearchWords): void {
  for (const piece of run.match(TIBETAN_AND_OTHERS) ?? []) {
    const stretches = piece.split(NO_WORD).filter(Boolean);
    if (/\p{Script=Tibetan}/u.test(piece)) addSyllables(stretches, out);
    else for (const stretch of stretches) addPairs(Array.from(stretch), out);
  }
}

/** Tibetan marks its syllables: each syllable becomes a word, and so does each pair of neighbouring ones. */
function addSyllables(syllables: readonly string[], { words }: SearchWords): void {
  const plain = syllables.map((syllable) => syllable.replace(TIBETAN_PARTICLE, ''));
  for (const [index, syllable] of syllables.entries()) {
    const [base = '', next] = [plain[index], plain[index + 1]];
    words.push(syllable);
    if (base !== syllable && base !== '') words.push(base);
    if (next) words.push(`${JOINT}${base}${JOINT}${next}`);
  }
}

/** Pairs of neighbouring characters. A Han character may be a word alone, and so may a syllable before a Korean particle. */
function addPairs(characters: readonly string[], { words, parts }: SearchWords): void {
  const [first = '', second] = characters;
  if (second === undefined) {
    words.push(first);
    return;
  }
  const particle = particleOf(characters);
  const particleAt = characters.length - particle;
  if (particle > 0 && particleAt === 1) parts.push(first);
  const base = characters.slice(0, particleAt).join('');
  // For the question 서울, a fact with that word, even with a particle, ranks above a fact with 서울대학교.
  if (particleAt > 1 && particleAt <= MAX_KOREAN_WORD_CHARACTERS && HANGUL.test(base))
    parts.push(JOINT + base);
  for (const [index, character] of characters.entries()) {
    if (HAN.test(character)) words.push(character);
    const next = characters[index + 1];
    if (next === undefined) continue;
    (index >= particleAt ? parts : words).push(character + next);
  }
  if (characters.length > 2 && characters.length <= MAX_KOREAN_WORD_CHARACTERS) {
    const word = characters.join('');
    if (HANGUL.test(word)) parts.push(word);
  }
}

/** How many characters at the end of a Korean word are a particle. */
function particleOf(characters: readonly string[]): number {
  for (
    let length = Math.min(MAX_PARTICLE_CHARACTERS, characters.length - 1);
    length > 0;
    length -= 1
  )
    if (KOREAN_PARTICLES.has(characters.slice(-length).join(''))) return length;
  return 0;
}
