import type { AppError } from '@app/errors';
import { createHash } from 'node:crypto';
import { z } from 'zod';

import { refusalOf } from './body/faults.js';

/** The position in a list where the next page begins. */
export interface PageMark {
  /** When the first page was read. Later pages show the memories as of that time. */
  readonly readAt: Date;
  /** The last item of the page before. */
  readonly after: { readonly createdAt: Date; readonly id: string };
}

const markSchema = z.object({
  v: z.literal(1),
  list: z.string(),
  read: z.number(),
  at: z.number(),
  id: z.string(),
});

/** A hash of a list's parameters, so that a cursor of one list is refused by another. */
export function hashOfList(parameters: unknown): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('base64url').slice(0, 16);
}

export function writeCursor({ readAt, after }: PageMark, listHash: string): string {
  const mark: z.input<typeof markSchema> = {
    v: 1,
    list: listHash,
    read: readAt.getTime(),
    at: after.createdAt.getTime(),
    id: after.id,
  };
  return Buffer.from(JSON.stringify(mark)).toString('base64url');
}

/**
 * The cursor of the next page; null after the last page.
 * @param hasMore whether there is a next page.
 * @param readAt when the first page was read.
 */
export function nextCursor(
  page: readonly PageMark['after'][],
  hasMore: boolean,
  listHash: string,
  readAt: Date = new Date(),
): string | null {
  const after = page.at(-1);
  return hasMore && after ? writeCursor({ readAt, after }, listHash) : null;
}

/**
 * @param id the schema of the ids in this list.
 * @throws AppError `invalid_request` for anything that is not a cursor of this list.
 */
export function readCursor(
  cursor: string,
  listHash: string,
  id: z.ZodType<string> = z.uuid(),
): PageMark {
  const mark = markSchema.extend({ id }).safeParse(parse(cursor)).data;
  if (!mark || !isTime(mark.read) || !isTime(mark.at)) {
    throw badCursor(
      'is not a cursor. Pass on a next_cursor as it is, or leave it out for the first page',
    );
  }
  if (mark.list !== listHash) {
    throw badCursor('belongs to a list with other parameters. Repeat those of the first page');
  }
  return {
    readAt: new Date(mark.read),
    after: { createdAt: new Date(mark.at), id: mark.id },
  };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A time that both JavaScript and Postgres can represent. */
const isTime = (ms: number): boolean => Number.isInteger(ms) && ms >= 0 && ms < 253_402_300_800_000;

const badCursor = (message: string): AppError => refusalOf([{ path: ['cursor'], message }]);
