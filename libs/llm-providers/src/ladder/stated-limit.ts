/**
 * Reads token limits from a refusal. `statedMaximum` needs only the numbers, so it works in any language; English words
 * such as `less than` make a bound exclusive. `statedContext` and `affordableTokens` need English words.
 */

const THOUSANDS = /(?<=(?<!\d)\d{1,3})[,.'’_ \u00a0\u2009\u202f](?=\d{3}(?!\d))/g;
/** `[1,512]` is a range, not a number of four digits. */
const LIST_COMMA = /([[(]\d{1,9}),(?=\d)/g;

/** `8,192` and `8.192` become `8192`, `[1,512]` becomes `[1, 512]`. */
const plainNumbers = (words: string): string =>
  words.replace(LIST_COMMA, '$1, ').replace(THOUSANDS, '');

/** Removes the model's name, whose numbers are not limits. A name such as `m` is kept, because it also occurs in words. */
export const withoutModel = (words: string, model: string): string =>
  model.length > 3 && /\d/.test(model) ? words.replaceAll(model, ' ') : words;

interface StatedNumber {
  readonly value: number;
  readonly before: string;
  readonly after: string;
}

const AROUND = 24;
const MAX_DIGITS = 9;
const STATUSES: ReadonlySet<string> = new Set(
  '400 401 402 403 404 405 406 409 413 415 422 424 429 500 501 502 503 504 529'.split(' '),
);

/** Numbers of a text, without those of a model's name, a date or an HTTP status. */
function numbersIn(given: string): readonly StatedNumber[] {
  const words = plainNumbers(given);
  const found: StatedNumber[] = [];
  let skippedEnd = -1;
  for (const match of words.matchAll(/\d+/g)) {
    const end = match.index + match[0].length;
    const before = words.slice(Math.max(0, match.index - AROUND), match.index);
    const after = words.slice(end, end + AROUND);
    const isPartOfName =
      /[a-z_]-?$/i.test(before) ||
      (skippedEnd === match.index - 1 && /[-.]$/.test(before)) ||
      /^(?!k\b|tokens?\b)[a-z_]/i.test(after) ||
      /^-\d\d-\d\d/.test(after);
    if (isPartOfName || STATUSES.has(match[0]) || match[0].length > MAX_DIGITS) skippedEnd = end;
    else {
      const value = Number(match[0]) * (/^k\b/i.test(after) ? 1_000 : 1);
      found.push({ value, before, after });
    }
  }
  return found;
}

const STRICTLY_LESS = /(?:less|lower|smaller|fewer) than ['"`]?$|below ['"`]?$|[^<]<\s?['"`]?$/i;

/** Whether a text holds this number, and not only as a part of a name. */
export const statesNumber = (words: string, number: number): boolean =>
  numbersIn(words).some(({ value }) => value === number);

/** The largest stated number from `least` up to but not including `asked`: 4096 in `[1, 4096]` and in `8192 > 4096`. */
export function statedMaximum(words: string, asked: number, least: number): number | undefined {
  const allowed = numbersIn(words).flatMap(({ value, before, after }) => {
    const isExclusive = STRICTLY_LESS.test(before) || /^\W{0,3}exclusive/i.test(after);
    const most = isExclusive ? value - 1 : value;
    return most < asked && most >= least ? [most] : [];
  });
  return allowed.length === 0 ? undefined : Math.max(...allowed);
}

/** A window that prompt and answer share. */
interface StatedContext {
  readonly contextTokens: number;
  /** Absent: the refusal does not state the prompt's tokens. */
  readonly promptTokens?: number | undefined;
}

/** `188240 + 21333 > 200000`, `8192 > 4096 - 1000`. */
const SUM =
  /(\d{1,9})[^\d+]{0,30}\+[^\d]{0,30}(\d{1,9})[^\d>]{0,30}(?:>|exceeds?)\D{0,40}(\d{1,9})/;
const DIFFERENCE = /> ?(\d{1,9}) ?- ?(\d{1,9})/;

const CONTEXT_TOKENS: readonly RegExp[] = [
  /(?:context|model|sequence|total)[ _](?:length|window|size|limit|len)[^.\d]{0,60}(\d{1,9})/i,
  /(\d{1,9})(?: ?-?tokens?)? (?:maximum )?context/i,
  /must (?:be|not) (?:<=?|≤|less than|less than or equal to|at most|below|exceed) (\d{1,9})/i,
  /limit(?: is)?:? (\d{1,9})/i,
  /context[^.\d]{0,60}(\d{1,9})/i,
];
const PROMPT_TOKENS: readonly RegExp[] = [
  /(\d{1,9})(?: tokens?)? (?:in|of|from|for) (?:the |your )?(?:text |message )?(?:messages?|prompt|inputs?)/i,
  /(\d{1,9}) ['"`]?(?:input|prompt|message)s?['"`]?(?: tokens|\b)/i,
  /(?:prompt|input|messages)[^.\d>]{0,40}?(\d{1,9})/i,
];
const TOTAL_TOKENS: readonly RegExp[] = [
  /requested(?: about)?:? (\d{1,9})/i,
  /total of(?: at least)? (\d{1,9})/i,
  /(?:current|request) length is (\d{1,9})/i,
];

/**
 * Reads the window and the prompt's tokens; undefined if the refusal states no window.
 * @param asked the limit that the call sent
 */
export function statedContext(given: string, asked: number): StatedContext | undefined {
  const words = plainNumbers(given);
  const [, left, right, sumLimit] = (SUM.exec(words) ?? []).map(Number);
  if (left !== undefined && right !== undefined && sumLimit !== undefined)
    return { contextTokens: sumLimit, promptTokens: left === asked ? right : left };
  const [, window, prompt] = (DIFFERENCE.exec(words) ?? []).map(Number);
  if (window !== undefined && prompt !== undefined)
    return { contextTokens: window, promptTokens: prompt };
  const contextTokens = firstOf(CONTEXT_TOKENS, words);
  if (contextTokens === undefined) return undefined;
  const total = firstOf(TOTAL_TOKENS, words);
  const promptTokens =
    firstOf(PROMPT_TOKENS, words) ??
    (total !== undefined && total > asked ? total - asked : undefined) ??
    // A number above the window, other than the limit that the call sent, is the prompt's.
    numbersIn(given).find(({ value }) => value > contextTokens && value !== asked)?.value;
  return { contextTokens, promptTokens };
}

function firstOf(expressions: readonly RegExp[], words: string): number | undefined {
  for (const expression of expressions) {
    const [, digits] = expression.exec(words) ?? [];
    if (digits !== undefined) return Number(digits);
  }
  return undefined;
}

/**
 * The limit at which the call fits what the key may spend in one request.
 * OpenRouter: `You requested up to 8192 tokens, but can only afford 2817`.
 * Groq: `Limit 6000, Requested 8900`, where both numbers include the prompt.
 */
export function affordableTokens(given: string, asked: number): number | undefined {
  const words = plainNumbers(given);
  const afforded = firstOf([/can only afford (\d{1,9})/i], words);
  if (afforded !== undefined) return afforded;
  const limit = firstOf([/\blimit (\d{1,9})/i], words);
  const requested = firstOf([/\brequested (\d{1,9})/i], words);
  if (limit === undefined || requested === undefined || requested <= asked) return undefined;
  return limit - (requested - asked);
}
