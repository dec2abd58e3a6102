import { type CallerKey, MIN_KEY_CHARACTERS } from '@app/caller-keys';

import { MAX_ERROR_TEXT } from './bounds.js';
import { KeySearch } from './key-search.js';
import { cutText } from './storable-text.js';

/**
 * The most characters that are held back. A part of a key that is spread over more text is not hidden. A higher limit costs
 * time, because the held text is searched again with each piece.
 */
const MAX_HELD = 512;

/**
 * Removes a key from a text that arrives in pieces. Within `MAX_HELD`, the pieces together give the same text as scrubbing
 * the whole.
 */
export class ScrubStream {
  /** Text that may still be the beginning of a key. */
  #held = '';
  /** The number of held characters that belong to a part that was already hidden. */
  #hidden = 0;

  /** @param search absent: the key is too short to be searched for */
  constructor(
    private readonly search: KeySearch | undefined,
    private readonly instead: string,
  ) {}

  /** @returns the text that can no longer become part of a key */
  push(piece: string): string {
    return this.#give(this.#held + piece, false);
  }

  /** @returns the text that was held back, at the end of the text */
  end(): string {
    return this.#give(this.#held, true);
  }

  #give(text: string, isWhole: boolean): string {
    const { ranges, settledTo } = this.search?.find(text, isWhole) ?? NOTHING_FOUND;
    const held = this.search ? Math.max(settledTo, text.length - MAX_HELD) : text.length;
    const cut = isWhole ? text.length : wholeCharacters(text, held);
    let clean = '';
    let done = this.#hidden;
    for (const { start, end } of ranges) {
      // The held text contains this part completely, so the next search finds it again.
      if (start >= cut) break;
      if (start >= done) clean += text.slice(done, start) + this.instead;
      done = Math.max(done, end);
    }
    if (done < cut) clean += text.slice(done, cut);
    this.#held = text.slice(cut);
    this.#hidden = Math.max(0, done - cut);
    return clean.toWellFormed();
  }
}

const NOTHING_FOUND = { ranges: [], settledTo: 0 };

/** Moves a cut so that it does not halve a character. */
function wholeCharacters(text: string, cut: number): number {
  const code = text.charCodeAt(cut - 1);
  return code >= 0xd800 && code <= 0xdbff ? cut - 1 : cut;
}

const HIDDEN = '[redacted]';

/**
 * Removes a caller key from a provider's text. Scrub a text last: a step that removes characters may join the parts of a key,
 * so it has to come before.
 */
export interface Scrubber {
  /**
   * For an answer or a fact: removes every run of 12 characters of the key or of one of its encodings, also with white space,
   * invisible characters or markers between them. A key of fewer than 12 characters is not removed.
   */
  text(text: string): string;
  /** The same for an answer that arrives in pieces: it holds back text that may be the beginning of a key. */
  stream(): ScrubStream;
  /** The same for every string in a parsed JSON value, including property names. */
  json(value: unknown): unknown;
  /** For an error: also removes a short key that is a word by itself, and the names of accounts and hosts that providers disclose. */
  error(text: string): string;
}

/** Keys, organisations and hosts in providers' errors, the caller's own or another's. Each expression takes linear time. */
const DISCLOSURES: readonly [RegExp, string | ((found: string) => string)][] = [
  [/(Incorrect API key provided:) \S+/gi, `$1 ${HIDDEN}`],
  [/\b(?:sk|pk|rk|gsk|xai|pplx|nvapi|hf)[-_][\w*.-]{4,}/g, HIDDEN],
  [/\bAIza[\w-]{8,}/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[\w~+/=.-]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(?:org|proj)[-_][A-Za-z0-9]{6,}\b/g, HIDDEN],
  [
    /\b(organi[sz]ation|workspace|account|project)(\W{1,3})[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
    `$1$2${HIDDEN}`,
  ],
  // The expression matches the whole name, and the function decides: an expression with the ending would be tried at every
  // position.
  [/[\w.-]+(?::\d{1,5})?/g, hideInternalName],
  [/\b(?:10|127)(?:\.\d{1,3}){3}\b(?::\d+)?/g, HIDDEN],
  [/\b(?:192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}\b(?::\d+)?/g, HIDDEN],
];

const INTERNAL = /\.(?:internal|local|localdomain|svc|consul)(?![\w-])/i;

function hideInternalName(name: string): string {
  if (!INTERNAL.test(name)) return name;
  return HIDDEN + (name.endsWith('.') ? '.' : '');
}

/** The returned scrubber holds the key: do not keep it longer than the call. */
export function scrubberFor(key: CallerKey): Scrubber {
  const secret = key.reveal();
  const isShort = secret.length < MIN_KEY_CHARACTERS;
  let made: KeySearch | undefined;
  const search = (): KeySearch => (made ??= new KeySearch(secret));

  const text = (given: string): string =>
    isShort || given.length < MIN_KEY_CHARACTERS ? given : hide(given, search());

  const json = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [text(name), json(held)]),
    );
  };

  const error = (given: string): string => {
    const cut = cutText(given, MAX_ERROR_TEXT);
    const clean = isShort ? hideWord(cut, secret) : text(cut);
    return DISCLOSURES.reduce(
      (rest, [pattern, instead]) =>
        // The two kinds of replacement are two overloads.
        typeof instead === 'string'
          ? rest.replace(pattern, instead)
          : rest.replace(pattern, instead),
      clean,
    );
  };

  const stream = (): ScrubStream => new ScrubStream(isShort ? undefined : search(), HIDDEN);

  return { text, stream, json, error };
}

function hide(text: string, search: KeySearch): string {
  let clean = '';
  let done = 0;
  for (const { start, end } of search.find(text).ranges) {
    clean += text.slice(done, start) + HIDDEN;
    done = end;
  }
  return clean + text.slice(done);
}

/** A dummy key such as `x` or `1` is part of many words, so it is hidden only where it is a word by itself. */
function hideWord(text: string, word: string): string {
  let clean = '';
  let done = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    if (isWordPart(text[at - 1]) || isWordPart(text[at + word.length])) continue;
    clean += text.slice(done, at) + HIDDEN;
    done = at + word.length;
  }
  return clean + text.slice(done);
}

const isWordPart = (character = ''): boolean => /[\w-]/.test(character);
