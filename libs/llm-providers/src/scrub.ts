import type { CallerKey } from '@app/caller-keys';

import { ScrubStream } from './scrub-stream.js';

const WINDOW = 12;
const HIDDEN = '[redacted]';

/** Takes a caller key out of a provider's words. */
export interface Scrubber {
  /** Of an answer or a fact: every 12 characters in a row of the key or of one of its encodings. A shorter key stays. */
  text(text: string): string;
  /** The same of an answer that comes in pieces: it holds back what might be the beginning of a key. */
  stream(): ScrubStream;
  /** Of every string in a parsed JSON value, names included. */
  json(value: unknown): unknown;
  /** Of an error: the key whole, however short, and whatever else a provider discloses of accounts and hosts. */
  error(text: string): string;
}

/** What providers write into errors about keys, organisations and hosts; the caller's own or somebody else's. */
const DISCLOSURES: readonly [RegExp, string][] = [
  [/(Incorrect API key provided:) \S+/gi, `$1 ${HIDDEN}`],
  [/\b(?:sk|pk|rk|gsk|xai|pplx|nvapi|hf)[-_][\w*.-]{4,}/g, HIDDEN],
  [/\bAIza[\w-]{8,}/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[\w~+/=.-]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(?:org|proj)[-_][A-Za-z0-9]{6,}\b/g, HIDDEN],
  [
    /\b(organi[sz]ation|workspace|account|project)(\W{1,3})[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
    `$1$2${HIDDEN}`,
  ],
  [/\b(?:[\w-]+\.)+(?:internal|local|localdomain|svc|consul)\b(?::\d+)?/gi, HIDDEN],
  [/\b(?:10|127)(?:\.\d{1,3}){3}\b(?::\d+)?/g, HIDDEN],
  [/\b(?:192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}\b(?::\d+)?/g, HIDDEN],
];

/** The key lives in what is returned: keep it no longer than the call that it is for. */
export function scrubberFor(key: CallerKey): Scrubber {
  const secret = key.reveal();
  let known: ReadonlySet<string> | undefined;
  const windows = (): ReadonlySet<string> => (known ??= windowsOf(encodingsOf(secret)));

  const text = (given: string): string =>
    secret.length < WINDOW || given.length < WINDOW ? given : hideWindows(given, windows());

  const json = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [text(name), json(held)]),
    );
  };

  const error = (given: string): string => {
    const whole = encodingsOf(secret).reduce(
      (rest, form) => rest.replaceAll(form, HIDDEN),
      text(given),
    );
    return DISCLOSURES.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), whole);
  };

  const stream = (): ScrubStream =>
    new ScrubStream(secret.length < WINDOW ? new Set() : windows(), WINDOW, HIDDEN);

  return { text, stream, json, error };
}

/** The forms a key may come back in: as it is, in a URL, in JSON, in base64 whatever stood before it. Longest first. */
function encodingsOf(secret: string): string[] {
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const base64 = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(' '.repeat(shift) + secret).toString('base64');
    // What stands before the key has a part in its first characters; what stands behind, in the last. Or nothing does.
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + secret.length) * 8) / 6);
    return [encoded.slice(first), encoded.slice(first, last)].flatMap((form) => [
      form,
      form.replaceAll('+', '-').replaceAll('/', '_'),
      form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    ]);
  });
  const forms = [...new Set([...plain, ...base64])].filter((form) => form.length > 0);
  return forms.toSorted((one, other) => other.length - one.length);
}

function windowsOf(forms: readonly string[]): Set<string> {
  const windows = new Set<string>();
  for (const form of forms) {
    for (let at = 0; at + WINDOW <= form.length; at += 1) windows.add(form.slice(at, at + WINDOW));
  }
  return windows;
}

function hideWindows(text: string, windows: ReadonlySet<string>): string {
  let clean = '';
  let done = 0;
  for (let at = 0; at + WINDOW <= text.length; at += 1) {
    if (!windows.has(text.slice(at, at + WINDOW))) continue;
    let end = at + WINDOW;
    while (end < text.length && windows.has(text.slice(end + 1 - WINDOW, end + 1))) end += 1;
    clean += text.slice(done, at) + HIDDEN;
    done = end;
    at = end - 1;
  }
  return clean + text.slice(done);
}
