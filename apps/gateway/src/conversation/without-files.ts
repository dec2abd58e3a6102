import { mediaOf } from './part-kinds.js';

/** A file inside a text: `data:image/png;base64,iVBORw0…`. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})(?:;[\w.+=-]{1,100}){0,4};base64,([\w+/%-]*)={0,2}/gi;
/** Nobody writes so many letters without a space; base64 of files is written so. */
const MIN_FILE_CHARACTERS = 1_000;
const RUN = /[\w+/-]+={0,2}/g;

/** A text of a person or a model, its data URLs of files replaced by `[image]`, `[audio]`, `[video]` or `[data]`. */
export function withoutDataUrls(text: string, minCharacters = MIN_FILE_CHARACTERS): string {
  if (!text.includes(';base64,')) return text;
  return text.replace(DATA_URL, (whole, mediaType: string, data: string) =>
    data.length < minCharacters ? whole : `[${mediaOf(mediaType) ?? 'data'}]`,
  );
}

/** A text of a tool: bare base64 of a file is replaced as well. */
export function withoutFiles(text: string): string {
  const bare = withoutDataUrls(text, 0);
  if (bare.length < MIN_FILE_CHARACTERS) return bare;
  return bare.replace(RUN, (run) => (run.length < MIN_FILE_CHARACTERS ? run : '[data]'));
}

/** A value of a tool as JSON, without files. */
export const jsonWithoutFiles = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'string' ? withoutFiles(inner) : inner,
  );
