import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import type { TrackedFile } from './tracked-files.js';

/** A page of the repository that a file cites, and the part of the page if it names one. */
export interface Citation {
  readonly place: string;
  readonly page: string;
  readonly anchor?: string | undefined;
  /** The number of a heading such as `1.2`. */
  readonly section?: string | undefined;
  /** `The job` of `docs/api/erasure.md, "The job"`. */
  readonly title?: string | undefined;
}

const MENTION =
  /(?<![\w./:@-])(?<page>[\w./-]*\w\.md)\b`?(?:#(?<anchor>[\w-]+)|,? (?:§ ?|section )?(?<section>\d+(?:\.\d+)*)\b|,? "(?<title>[^"]+)")?/g;
const LINK = /\]\((?<page>[^):#]*)(?:#(?<anchor>[\w-]+))?\)/g;
const LINE_OF_COMMENT = /\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g;

/** Mentions of pages in code, comments and messages; in a page also its links. */
export function citationsIn({ path, text }: TrackedFile): readonly Citation[] {
  const onOneLine = text.replace(LINE_OF_COMMENT, ' ');
  const links = path.endsWith('.md') ? [...text.matchAll(LINK)] : [];
  return [...onOneLine.matchAll(MENTION), ...links].flatMap(({ groups = {} }) => {
    const { page = '', ...part } = groups;
    return [{ place: path, page, ...part }];
  });
}

/** @returns why the citation leads nowhere; undefined when the page and its part exist. */
export function faultOf({ place, page, anchor, section, title }: Citation): string | undefined {
  const found = page === '' ? place : resolvePage(place, page);
  if (found === undefined) return `${place}: there is no ${page}`;
  if (statSync(found).isDirectory() || !found.endsWith('.md')) return undefined;
  const text = readFileSync(found, 'utf8');
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.trim());
  const missing = [
    anchor !== undefined && !anchorsOf(text, headings).has(anchor) && `#${anchor}`,
    section !== undefined && !headings.some((one) => sectionOf(one) === section) && section,
    title !== undefined && !headings.includes(title) && `"${title}"`,
  ].filter((part) => part !== false);
  return missing.length > 0 ? `${place}: ${found} has no ${missing.join(', ')}` : undefined;
}

/** A page may be named from the root, from the folder of the file, or by its name in docs/. */
function resolvePage(place: string, page: string): string | undefined {
  return [page, join(dirname(place), page), join('docs', page)]
    .map((path) => normalize(path))
    .find((path) => existsSync(path));
}

function anchorsOf(text: string, headings: readonly string[]): ReadonlySet<string> {
  const ids = [...text.matchAll(/<a id="([\w-]+)">/g)].map(([, id = '']) => id);
  return new Set([...ids, ...headings.map(slugOf)]);
}

/** The anchor that GitHub makes of a heading. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const sectionOf = (heading: string): string | undefined =>
  /^(\d+(?:\.\d+)*)\.?\s/.exec(heading)?.[1];
