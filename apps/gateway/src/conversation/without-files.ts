import { mediaOf } from './part-kinds.js';

/** A file inside a text: `data:image/png;base64,iVBORw0…`. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})(?:;[\w.+=-]{1,100}){0,4};base64,([\w+/%-]*)={0,2}/gi;
/** Natural text has no run of 1,000 characters without a space. Base64 has. */
const MIN_FILE_CHARACTERS = 1_000;

/**
 * A text of a person or a model, its data URLs of files replaced by `[image]`, `[audio]`, `[video]` or `[data]`, and bare base64
 * by `[data]`. Other long runs without a space stay.
 */
export function withoutPastedFiles(text: string): string {
  return withoutLongRuns(withoutDataUrls(text, MIN_FILE_CHARACTERS), looksEncoded);
}

/** Has capitals, small letters and digits: a long word or a line of one repeated character never has all three. */
const looksEncoded = (run: string): boolean =>
  /[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run);

function withoutDataUrls(text: string, minCharacters: number): string {
  if (!text.includes(';base64,')) return text;
  return text.replace(DATA_URL, (whole, mediaType: string, data: string) =>
    data.length < minCharacters ? whole : `[${mediaOf(mediaType) ?? 'data'}]`,
  );
}

/** A text of a tool: bare base64 of a file is replaced as well. */
export function withoutFiles(text: string): string {
  return withoutLongRuns(withoutDataUrls(text, 0), () => true);
}

/**
 * Replaces runs of base64. A run that is long enough has a character at some multiple of the least length, or the end of a line
 * beside it. Only these places are examined, because the text may have 2 MiB.
 */
function withoutLongRuns(text: string, isFile: (run: string) => boolean): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < text.length; at += MIN_FILE_CHARACTERS) {
    const inside = at + (isOfBase64(text.charCodeAt(at)) ? 0 : lineEndAt(text, at));
    if (at < from || !isOfBase64(text.charCodeAt(inside))) continue;
    const start = beginOfRun(text, inside, from);
    const end = endOfRun(text, inside);
    if (end - start < MIN_FILE_CHARACTERS || !isOfFile(text.slice(start, end), isFile)) {
      // Skip the rest of the run, so that no character is examined twice.
      at += Math.max(0, Math.floor((end - at) / MIN_FILE_CHARACTERS) - 1) * MIN_FILE_CHARACTERS;
      continue;
    }
    kept += `${text.slice(from, start)}[data]`;
    from = end;
  }
  return kept + text.slice(from);
}

/** Lines of one length may be a list of hashes or ids too. */
const isOfFile = (run: string, isFile: (run: string) => boolean): boolean =>
  run.includes('\n') ? looksEncoded(run) : isFile(run);

/** MIME and PEM break base64 into lines of 76 and 64 characters. */
const MIN_LINE_CHARACTERS = 60;

/** Length of the line end at this index; 0 if there is none. */
function lineEndAt(text: string, at: number): number {
  if (text.startsWith('\r\n', at)) return 2;
  return text[at] === '\n' ? 1 : 0;
}

function endOfRun(text: string, inside: number): number {
  let end = endOfLine(text, inside);
  let length = end - beginOfLine(text, inside, 0);
  for (;;) {
    const next = end + lineEndAt(text, end);
    if (next === end || length < MIN_LINE_CHARACTERS) return end;
    const nextEnd = endOfLine(text, next);
    // Only the last line may be shorter.
    if (nextEnd === next || nextEnd - next > length) return end;
    length = nextEnd - next;
    end = nextEnd;
  }
}

function beginOfRun(text: string, inside: number, from: number): number {
  let start = beginOfLine(text, inside, from);
  let length = endOfLine(text, inside) - start;
  for (;;) {
    const before = start - (text[start - 1] === '\n' ? (text[start - 2] === '\r' ? 2 : 1) : 0);
    if (before === start || before <= from) return start;
    const begin = beginOfLine(text, before - 1, from);
    if (!isOfBase64(text.charCodeAt(before - 1)) || before - begin < MIN_LINE_CHARACTERS)
      return start;
    if (before - begin < length) return start;
    length = before - begin;
    start = begin;
  }
}

function endOfLine(text: string, inside: number): number {
  let end = inside;
  while (end < text.length && isOfBase64(text.charCodeAt(end))) end += 1;
  return end;
}

function beginOfLine(text: string, inside: number, from: number): number {
  let start = inside;
  while (start > from && isOfBase64(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** Letters, digits, and the other characters of both base64 alphabets, padding included. */
const isOfBase64 = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x3d ||
  code === 0x5f;

/** A value of a tool as JSON, without files. */
export const jsonWithoutFiles = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner === 'string') return withoutFiles(inner);
    return isOfBytes(inner) ? '[data]' : inner;
  });

const MIN_BYTES = 256;

/** A file as a list of its bytes, as Node writes a Buffer into JSON. */
const isOfBytes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= MIN_BYTES &&
  value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
