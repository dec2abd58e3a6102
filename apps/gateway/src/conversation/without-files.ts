import { mediaOf } from './part-kinds.js';

/** A file inside a text: `data:image/png;base64,iVBORw0…`. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})(?:;[\w.+=-]{1,100}){0,4};base64,([\w+/%-]*)={0,2}/gi;
/** Natural text has no run of 1,000 characters without a space; base64 does. */
const MIN_FILE_CHARACTERS = 1_000;

/**
 * Replaces files in the text of a person or a model: data URLs become `[image]`, `[audio]`, `[video]` or `[data]`, and bare
 * base64 becomes `[data]`. Other long runs without a space are kept.
 */
export function withoutPastedFiles(text: string): string {
  return withoutLongRuns(withoutDataUrls(text, MIN_FILE_CHARACTERS), looksEncoded);
}

/** Whether a run has upper-case letters, lower-case letters and digits. A long word or a repeated character does not. */
const looksEncoded = (run: string): boolean =>
  /[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run);

function withoutDataUrls(text: string, minCharacters: number): string {
  if (!text.includes(';base64,')) return text;
  return text.replace(DATA_URL, (whole, mediaType: string, data: string) =>
    data.length < minCharacters ? whole : `[${mediaOf(mediaType) ?? 'data'}]`,
  );
}

/** Replaces files in the text of a tool, where any long enough run of base64 characters counts as a file. */
export function withoutFiles(text: string): string {
  return withoutLongRuns(withoutDataUrls(text, 0), () => true);
}

/**
 * Replaces runs of base64. A run that is long enough covers an index that is a multiple of the minimum length, and has a
 * base64 character or a line end there. Only these indexes are examined, because the text may have 2 MiB.
 */
function withoutLongRuns(text: string, isFile: (run: string) => boolean): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < text.length; at += MIN_FILE_CHARACTERS) {
    const inside = at + (isBase64Character(text.charCodeAt(at)) ? 0 : lineEndAt(text, at));
    if (at < from || !isBase64Character(text.charCodeAt(inside))) continue;
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

/** Lines of equal length may also be a list of hashes or ids, so they must look encoded. */
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
    if (!isBase64Character(text.charCodeAt(before - 1)) || before - begin < MIN_LINE_CHARACTERS)
      return start;
    if (before - begin < length) return start;
    length = before - begin;
    start = begin;
  }
}

function endOfLine(text: string, inside: number): number {
  let end = inside;
  while (end < text.length && isBase64Character(text.charCodeAt(end))) end += 1;
  return end;
}

function beginOfLine(text: string, inside: number, from: number): number {
  let start = inside;
  while (start > from && isBase64Character(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** Letters, digits, and the other characters of both base64 alphabets, padding included. */
const isBase64Character = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x3d ||
  code === 0x5f;

/** Writes a value of a tool as JSON, with files replaced. */
export const jsonWithoutFiles = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner === 'string') return withoutFiles(inner);
    return isByteList(inner) ? '[data]' : inner;
  });

const MIN_BYTES = 256;

/** Whether a value is a file as a list of bytes, as Node writes a Buffer into JSON. */
const isByteList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= MIN_BYTES &&
  value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
