const STOP_WORDS = new Set(
  `a about after all also am an and any are as at be been before but by can could did do does doing for from had has have
  he her him his how i if in into is it its know like may me might my now of on or our out please recall remember said say
  shall she should so some tell than that the their them then there these they this those to told up us user very was we
  were what when where which while who whom whose why will with would you your assistant recommended ever much many
  thing things something anything kind sort get got getting own owns`.split(/\s+/),
);

/** What people say for the same thing when they ask and when they tell. */
const KIN: readonly (readonly string[])[] = [
  ['work', 'job', 'employ', 'employer', 'company', 'profession', 'career', 'occupation', 'living'],
  ['live', 'lives', 'living', 'moved', 'move', 'home', 'city', 'based', 'reside', 'address'],
  ['eat', 'food', 'diet', 'dietary', 'vegetarian', 'vegan', 'meal', 'cook', 'cooking'],
  ['like', 'love', 'enjoy', 'favourite', 'favorite', 'prefer', 'preference', 'fond'],
  ['dislike', 'hate', 'avoid', 'stop', 'quit', 'frustrating', 'disappointing', 'uncomfortable'],
  ['allergy', 'allergic', 'intolerant', 'intolerance'],
  ['name', 'named', 'call', 'called'],
  ['born', 'birthday', 'birth', 'age', 'old'],
  ['wife', 'husband', 'partner', 'spouse', 'married', 'marry'],
  ['child', 'children', 'kid', 'daughter', 'son'],
  ['pet', 'dog', 'cat', 'puppy', 'kitten'],
  ['buy', 'bought', 'purchase', 'shop', 'shopping'],
  ['film', 'movie', 'cinema'],
  ['book', 'read', 'reading', 'literature', 'novel'],
  ['study', 'studied', 'university', 'college', 'school', 'degree'],
  ['go', 'went', 'attend', 'attended', 'visit', 'visited', 'travel', 'trip'],
  ['plan', 'goal', 'hope', 'aim', 'want', 'intend'],
];

/** Cuts common endings: enough to bring `works`, `worked` and `working` together, wrong for no question that matters. */
export function stem(word: string): string {
  return word
    .replace(/'s?$/, '')
    .replace(/(?:ies)$/, 'y')
    .replace(/(?<=[a-z]{3})(?:ing|ed)$/, '')
    .replace(/(?<=[a-z]{2}(?:s|x|z|ch|sh))es$/, '')
    .replace(/(?<=[a-rt-z]{3})s$/, '')
    .replace(/(?<=[a-z]{3})e$/, '')
    .replace(/([bdgmnprt])\1$/, '$1');
}

export function stems(text: string): readonly string[] {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}][\p{L}\p{N}']*/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word.replace(/'s?$/, ''))).map(stem);
}

const KIN_BY_STEM = new Map<string, Set<string>>();
for (const family of KIN) {
  const members = family.map(stem);
  for (const member of members) {
    KIN_BY_STEM.set(member, new Set([...(KIN_BY_STEM.get(member) ?? []), ...members]));
  }
}

/** Stems that mean about the same, the given one included. */
export function kinOf(word: string): ReadonlySet<string> {
  return KIN_BY_STEM.get(word) ?? new Set([word]);
}
