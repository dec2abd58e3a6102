import { mediaOf } from './part-kinds.js';

/** A file inside a text: `data:image/png;base64,iVBORw0…`. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})(?:;[\w.+=-]{1,100}){0,4};base64,([\w+/%-]*)={0,2}/gi;
/** Nobody writes so many letters without a space; base64 of files is written so. */
const MIN_FILE_CHARACTERS = 1_000;

/** A text of a person or a model, its data URLs of files replaced by `[image]`, `[audio]`, `[video]` or `[data]`. */
export function withoutDataUrls(text: string, minCharacters = MIN_FILE_CHARACTERS): string {
  if (!text.includes(';base64,')) return text;
  return text.replace(DATA_URL, (whole, mediaType: string, data: string) =>
    data.length < minCharacters ? whole : `[${mediaOf(mediaType) ?? 'data'}]`,
  );
}

/** A text of a tool: bare base64 of a file is replaced as well. */
export function withoutFiles(text: string): string {
  return withoutLongRuns(withoutDataUrls(text, 0));
}

/**
 * Replaces runs of base64. A run that is long enough has a character at some multiple of the least length: only there the
 * text is looked at, because it may have 2 MiB.
 */
function withoutLongRuns(text: string): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < text.length; at += MIN_FILE_CHARACTERS) {
    if (at < from || !isOfBase64(text.charCodeAt(at))) continue;
    let start = at;
    while (start > from && isOfBase64(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (end < text.length && isOfBase64(text.charCodeAt(end))) end += 1;
    if (end - start < MIN_FILE_CHARACTERS) continue;
    kept += `${text.slice(from, start)}[data]`;
    from = end;
  }
  return kept + text.slice(from);
}

/** Letters, digits, and what both alphabets of base64 have beside them, padding included. */
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
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'string' ? withoutFiles(inner) : inner,
  );
