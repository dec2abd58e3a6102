/** Forms that need no ending: past tenses, modal verbs, and verbs that look the same in both tenses. */
const UNCHANGED = new Set(
  `can could may might must shall should will would cannot can't couldn't won't wouldn't shouldn't mustn't did didn't had
  hadn't ought used
  was went got made took came saw knew thought found gave told became left felt put brought began kept held wrote stood
  heard let meant met ran paid sat spoke lay led read grew lost fell sent built understood drew broke spent cut rose drove
  bought wore chose ate won flew caught taught sold hit set quit shut cost hurt slept swam sang rode threw forgot forgave
  woke hid beat bit blew drank dug fought hung laid lent rang shook shone shot stuck stole struck swore swept tore wept
  withdrew bet split spread cast burnt learnt dreamt dealt sought fed bound wound stung overcame underwent undertook
  rewrote overheard misunderstood`.split(/\s+/),
);

const IRREGULAR: Readonly<Record<string, string>> = {
  am: 'is',
  'am not': 'is not',
  have: 'has',
  "haven't": "hasn't",
  do: 'does',
  "don't": "doesn't",
  go: 'goes',
  are: 'is',
  were: 'was',
  "weren't": "wasn't",
  "aren't": "isn't",
};

const ENDS_IN_ED = new Set([
  'need',
  'feed',
  'speed',
  'succeed',
  'proceed',
  'exceed',
  'embed',
  'bleed',
  'breed',
  'seed',
  'wed',
]);

/** The verb after a name: `like` → `likes`; past tenses and modal verbs as they are. */
export function thirdPerson(verb: string): string {
  const word = verb.toLowerCase();
  const irregular = IRREGULAR[word];
  if (irregular !== undefined) return irregular;
  if (UNCHANGED.has(word) || (word.endsWith('ed') && !ENDS_IN_ED.has(word))) return verb;
  if (/(?:s|x|z|ch|sh|o)$/.test(word)) return `${verb}es`;
  return /[^aeiou]y$/.test(word) ? `${verb.slice(0, -1)}ies` : `${verb}s`;
}

const PLURAL: Readonly<Record<string, string>> = { am: 'are', was: 'were', "wasn't": "weren't" };

/** The verb after `they`. */
export function withThey(verb: string): string {
  return PLURAL[verb.toLowerCase()] ?? verb;
}
