import { type CallerKey, MIN_KEY_CHARACTERS } from '@app/caller-keys';

import { MAX_ERROR_TEXT } from './bounds.js';
import { KeySearch } from './key-search.js';
import { cutText } from './storable-text.js';

/** A key's characters may stand so far apart in a draft. Text that is held back longer would be searched again and again. */
const MAX_HELD = 512;

/** Takes a key out of a text that comes in pieces. The pieces that it gives out make up what the whole would become. */
export class ScrubStream {
  /** What may still be the beginning of a key. */
  #held = '';
  /** So many of the held characters belong to a part that was hidden already. */
  #hidden = 0;

  /** @param search absent: the key is too short to be looked for. */
  constructor(
    private readonly search: KeySearch | undefined,
    private readonly instead: string,
  ) {}

  /** @returns what can no longer become part of a key. */
  push(piece: string): string {
    return this.#give(this.#held + piece, false);
  }

  /** What was held back, once nothing follows. */
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
      // It is complete in what is held, so it is found again.
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

/** The cut, moved so that it does not halve a character. */
function wholeCharacters(text: string, cut: number): number {
  const code = text.charCodeAt(cut - 1);
  return code >= 0xd800 && code <= 0xdbff ? cut - 1 : cut;
}

const HIDDEN = '[redacted]';

/**
 * Takes a caller key out of a provider's words. It is the last thing that is done to a text: whatever takes characters
 * out of one comes before it, because it may join the parts of a key.
 */
export interface Scrubber {
  /**
   * Of an answer or a fact: every 12 characters in a row of the key or of one of its encodings, also with white space,
   * invisible characters or markers between them. A key of fewer than 12 stays.
   */
  text(text: string): string;
  /** The same of an answer that comes in pieces: it holds back what might be the beginning of a key. */
  stream(): ScrubStream;
  /** Of every string in a parsed JSON value, names included. */
  json(value: unknown): unknown;
  /** Of an error: a short key as well, where it stands by itself, and what providers disclose of accounts and hosts. */
  error(text: string): string;
}

/** What providers write into errors about keys, organisations and hosts; the caller's own or another's. Each is linear. */
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
  // A whole name is taken first and judged then: an expression that looks for the end itself tries every beginning.
  [/[\w.-]+(?::\d{1,5})?/g, hideInternalName],
  [/\b(?:10|127)(?:\.\d{1,3}){3}\b(?::\d+)?/g, HIDDEN],
  [/\b(?:192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}\b(?::\d+)?/g, HIDDEN],
];

const INTERNAL = /\.(?:internal|local|localdomain|svc|consul)(?![\w-])/i;

function hideInternalName(name: string): string {
  if (!INTERNAL.test(name)) return name;
  return HIDDEN + (name.endsWith('.') ? '.' : '');
}

/** The key lives in what is returned: keep it no longer than the call that it is for. */
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

/** A dummy key such as `x` or `1` is part of many words: only the word that is the key itself is hidden. */
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
