import type { AppError } from '@app/errors';
import { createHash } from 'node:crypto';
import { z } from 'zod';

import { refusalOf } from './body/faults.js';

/** Where a list goes on. */
export interface PageMark {
  /** When the first page was read: later pages show what was believed then. */
  readonly readAt: Date;
  /** The last thing on the page before. */
  readonly after: { readonly createdAt: Date; readonly id: string };
}

const markSchema = z.object({
  v: z.literal(1),
  list: z.string(),
  read: z.number(),
  at: z.number(),
  id: z.string(),
});

/** Names a list by what it was asked for, so that a cursor is not taken to another one. */
export function listName(asked: unknown): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 16);
}

export function writeCursor({ readAt, after }: PageMark, list: string): string {
  const mark: z.input<typeof markSchema> = {
    v: 1,
    list,
    read: readAt.getTime(),
    at: after.createdAt.getTime(),
    id: after.id,
  };
  return Buffer.from(JSON.stringify(mark)).toString('base64url');
}

/**
 * The cursor of what comes behind a page; null behind the last.
 * @param goesOn whether there is more: one more than is shown was asked for.
 * @param readAt when the first page was read.
 */
export function nextCursor(
  page: readonly PageMark['after'][],
  goesOn: boolean,
  list: string,
  readAt: Date = new Date(),
): string | null {
  const after = page.at(-1);
  return goesOn && after ? writeCursor({ readAt, after }, list) : null;
}

/**
 * @param id what the things of this list are called by.
 * @throws AppError `invalid_request` for anything that is not a cursor of this list.
 */
export function readCursor(
  cursor: string,
  list: string,
  id: z.ZodType<string> = z.uuid(),
): PageMark {
  const mark = markSchema.extend({ id }).safeParse(parse(cursor)).data;
  if (!mark || !isTime(mark.read) || !isTime(mark.at)) {
    throw badCursor(
      'is not a cursor. Pass on a next_cursor as it is, or leave it out for the first page',
    );
  }
  if (mark.list !== list) {
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

/** What both JavaScript and Postgres can hold. */
const isTime = (ms: number): boolean => Number.isInteger(ms) && ms >= 0 && ms < 253_402_300_800_000;

const badCursor = (message: string): AppError => refusalOf([{ path: ['cursor'], message }]);
