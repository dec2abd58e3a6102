/**
 * The words by which a text is found: `words` holds ordinary words and whole identifiers, `parts` the parts of identifiers.
 * Parts weigh less, so that a fact with the whole identifier ranks above a fact with only a part of it.
 */
export interface SearchWords {
  readonly words: string[];
  readonly parts: string[];
}

/**
 * The character that joins the parts of one word. Postgres' parser takes it for a letter, and no keyboard has it. With it
 * `2.14` is one word that differs from the number 214.
 */
export const JOINT = 'ː';

/** Keeps `12e5abc` one word: the parser would cut it after the number that it begins with. */
const asOneWord = (word: string): string => (/^\d+e\d/i.test(word) ? JOINT + word : word);

/**
 * An identifier consists of segments, a segment of pieces, and a piece of atoms: `src/user_getName2` has the segments `src`
 * and `user_getName2`, the pieces `src`, `user` and `getName2`, and the atoms `src`, `user`, `get`, `Name` and `2`.
 */

/** Separates the segments of a path, a URL or an e-mail address. Each segment is an identifier of its own. */
const BETWEEN_SEGMENTS = /[/\\@:?&=#|]+/u;
/** Separates the pieces of a segment. */
const BETWEEN_PIECES = /[-._+~$*%·״׳]+/u;
/** Words of a sentence joined by a sign, as in `long-term` and `and/or`: each is a word of its own. */
const COMPOUND = /^[\p{L}\p{M}]+(?:[-/][\p{L}\p{M}]+)+$/u;

const BETWEEN_CAPITALS = /(?<=[\p{Ll}\p{M}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const CAPITALS_IN_PLURAL = /^\p{Lu}+s$/u;
/** A piece with more atoms is random text, such as base64: it is kept whole. */
const MAX_ATOMS_OF_PIECE = 12;

/** Atoms that are too common to search for alone: one letter, or a number of one or two digits. */
const TINY = /^(?:[a-z]|\d{1,2})$/i;
/** Atoms of nearly every web address, too common to search for alone. */
const COMMON: ReadonlySet<string> = new Set(['com', 'http', 'https', 'www']);

/** A longer identifier is not indexed as a whole: a search finds it by its pairs of atoms. */
const MAX_WHOLE_CHARACTERS = 200;
/**
 * An identifier of this length gets no joints between digits, because no other text has the same digits. So a UUID is also
 * found without its hyphens.
 */
const MIN_UNMISTAKABLE_CHARACTERS = 20;

/** Commit hashes and container ids are often shortened to 7 to 12 characters. */
const HASH = /^(?=.*\d)[\da-f]{32,128}$/i;
const HASH_PREFIX_LENGTHS = [7, 8, 9, 10, 11, 12];

/** Spoken names of symbols. `search-text.ts` spells C# as `Cːsharp`, .NET as `dotːNET`. */
const SPOKEN: ReadonlySet<string> = new Set(['dot', 'plus', 'plusplus', 'sharp']);
const SPELLED = /[\p{L}\p{M}]+/gu;

/**
 * Adds the words of an identifier: its whole, written without separators, so that `user_id`, `user-id` and `userId` give the
 * same word; its atoms; each two neighbouring atoms together, so that `example.com` is found in `api.example.com`, and `2.14`
 * in `v2.14.1`; its segments and pieces; and each name with the number after it, so that `gpt4o` is found in `gpt-4o-mini`.
 */
export function addIdentifier(token: string, { words, parts }: SearchWords): void {
  const segments = token
    .split(BETWEEN_SEGMENTS)
    .map((segment) => segment.split(BETWEEN_PIECES).filter(Boolean).map(atomsOf))
    .filter((segment) => segment.length > 0);
  const pieces = segments.flat();
  const atoms = pieces.flat();
  const beginnings = atoms.flatMap(hashPrefixes);
  if (atoms.length < 2) {
    words.push(...atoms.map(asOneWord));
    parts.push(...beginnings);
    return;
  }
  const whole = joinAtoms(atoms);
  if (COMPOUND.test(token) && pieces.length === atoms.length) {
    words.push(...atoms);
    parts.push(...whole);
  } else {
    words.push(...(whole.length > 0 ? whole : atoms.map(asOneWord)));
    parts.push(...atomsByThemselves(token, atoms).map(asOneWord));
  }
  const smaller = [
    ...segments.map((segment) => segment.flat()),
    ...pieces,
    ...numberedIn(pieces),
    ...pieces.flatMap(namesIn),
  ]
    .filter((group) => group.length > 1 && group.length < atoms.length)
    .flatMap(joinAtoms);
  parts.push(...smaller, ...pairsOf(pieces), ...spelledIn(token), ...beginnings);
}

/** The atoms of a piece such as `getUser`, `HTTPServer` or `utf8`. A hash is one atom. */
function atomsOf(piece: string): readonly string[] {
  const runs = piece.match(/\p{N}+|[^\p{N}]+/gu) ?? [];
  const areWords = runs.every((run) => run.length > 1 || /\p{N}/u.test(run));
  if (runs.length > 2 && !(areWords && runs.length <= 4)) return [piece];
  const atoms = runs
    .flatMap((run) => run.split(JOINT))
    .flatMap((run) => (CAPITALS_IN_PLURAL.test(run) ? [run] : run.split(BETWEEN_CAPITALS)))
    .filter(Boolean);
  return atoms.length > MAX_ATOMS_OF_PIECE ? [piece] : atoms;
}

/** The atoms before and after the digits of a piece: the name in `iPhone15` and `WorldCup2026`. */
function namesIn(piece: readonly string[]): readonly (readonly string[])[] {
  const names: string[][] = [[]];
  for (const atom of piece) {
    if (/^\p{N}/u.test(atom)) names.push([]);
    else names.at(-1)?.push(atom);
  }
  return names;
}

/** A name with the number after it, because people write them together: `gpt4o` for `gpt-4o-mini`. */
const numberedIn = (pieces: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  pieces.slice(1).flatMap((piece, index) => {
    const name = pieces[index] ?? [];
    const isName = name.join('').length > 1 && !/\p{N}/u.test(name.join(''));
    return isName && /^\p{N}/u.test(piece[0] ?? '') ? [[...name, ...piece]] : [];
  });

/**
 * Pairs of neighbouring atoms, also across pieces. A piece of two atoms with a digit, such as `v2`, gives no pair: it is
 * added as a whole.
 */
function pairsOf(pieces: readonly (readonly string[])[]): readonly string[] {
  const atoms = pieces.flatMap((piece) =>
    piece.map((atom, index) => ({
      atom,
      isPaired: index === 0 || piece.length > 2 || !/\d/.test(piece.join('')),
    })),
  );
  return atoms
    .slice(1)
    .flatMap(({ atom, isPaired }, index) =>
      isPaired ? [`${JOINT}${atoms[index]?.atom}${JOINT}${atom}`] : [],
    );
}

/** Joins atoms to one word, with a joint between digits: `2.14` is not 214. */
function joinAtoms(atoms: readonly string[]): readonly string[] {
  const unmistakable = atoms.join('');
  if (unmistakable.length > MAX_WHOLE_CHARACTERS) return [];
  if (unmistakable.length >= MIN_UNMISTAKABLE_CHARACTERS) return [asOneWord(unmistakable)];
  const glued = atoms.reduce((before, atom) =>
    /\d$/.test(before) && /^\d/.test(atom) ? before + JOINT + atom : before + atom,
  );
  return [asOneWord(glued)];
}

/**
 * The atoms that are searchable alone. Tiny atoms belong to them only in an identifier of two atoms that are not both
 * numbers: in `LH-4` and `10km`, but not in a version, a date or an address.
 */
function atomsByThemselves(token: string, atoms: readonly string[]): readonly string[] {
  const spelled = token.includes(JOINT);
  const withTiny = atoms.length === 2 && !spelled && atoms.some((atom) => !/^\d+$/.test(atom));
  return atoms.filter(
    (atom) => (withTiny || !TINY.test(atom)) && !COMMON.has(atom) && !(spelled && SPOKEN.has(atom)),
  );
}

/** Names that are written with a symbol, such as the C++ in `C++17`. */
const spelledIn = (token: string): readonly string[] =>
  (token.match(SPELLED) ?? [])
    .filter((name) => name.includes(JOINT))
    .map((name) => name.replaceAll(JOINT, ''));

function hashPrefixes(atom: string): readonly string[] {
  if (!HASH.test(atom)) return [];
  return HASH_PREFIX_LENGTHS.map((length) => asOneWord(atom.slice(0, length)));
}

/** A telephone number, or a long number in groups, but not a part of a list of numbers. */
const GROUPED_DIGITS = /(?<!\p{L})(?<!\d[ ,]?)\+?\(?\d[\d ()./-]{5,24}\d(?![\p{L}\p{N}]|[ ,]\d)/gu;
const DATE_OR_ADDRESS = /^(?:\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3})/;
/** An IBAN in groups of four characters, as banks print it. */
const GROUPED_ACCOUNT =
  /(?<![\p{L}\p{N}])[A-Z]{2}\d\d(?: [A-Z\d]{4}){2,7}(?: [A-Z\d]{1,3})?(?![\p{L}\p{N}])/gu;

/** Lengths of a telephone number without its country code or area code. */
const ENDINGS = [7, 8, 9, 10];
const MIN_DIGITS = 7;

/**
 * Adds search words for IBANs and for long numbers such as telephone numbers: an IBAN matches with and without its spaces, a
 * number in any grouping and with or without a country code.
 */
export function addNumbers(text: string, { parts }: SearchWords): void {
  for (const [number] of text.matchAll(GROUPED_DIGITS)) {
    if (DATE_OR_ADDRESS.test(number)) continue;
    const digits = number.replaceAll(/\D/g, '').replace(/^0+/, '');
    if (digits.length < MIN_DIGITS) continue;
    const lengths = [...ENDINGS, digits.length].filter((length) => length <= digits.length);
    parts.push(...new Set(lengths.map((length) => JOINT + digits.slice(-length))));
  }
  for (const [account] of text.matchAll(GROUPED_ACCOUNT)) parts.push(account.replaceAll(' ', ''));
}
