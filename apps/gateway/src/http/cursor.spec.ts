import { describe, expect, it } from 'vitest';

import { hashOfList, nextCursor, type PageMark, readCursor, writeCursor } from './cursor.js';

const LIST = hashOfList({ tenant: null, topic: 'Work' });
const MARK: PageMark = {
  readAt: new Date('2026-05-01T12:00:00.123Z'),
  after: {
    createdAt: new Date('2026-04-30T08:15:00.456Z'),
    id: '4f0c1d1e-6d0f-4f43-9f0a-0d6f7a3b1c2d',
  },
};

const forge = (mark: unknown): string => Buffer.from(JSON.stringify(mark)).toString('base64url');

describe('a cursor', () => {
  it('keeps the position in the list to the millisecond', () => {
    expect(readCursor(writeCursor(MARK, LIST), LIST)).toEqual(MARK);
  });

  it('continues after the last item of a page, and is null on the last page', () => {
    const page = [{ createdAt: new Date(0), id: LIST }, MARK.after];
    expect(nextCursor(page, true, LIST, MARK.readAt)).toBe(writeCursor(MARK, LIST));
    expect(nextCursor(page, false, LIST, MARK.readAt)).toBeNull();
    expect(nextCursor([], true, LIST, MARK.readAt)).toBeNull();
  });

  it('needs no escaping in a URL', () => {
    expect(writeCursor(MARK, LIST)).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('is refused by a list with other parameters', () => {
    const other = hashOfList({ tenant: null, topic: 'Food' });
    expect(() => readCursor(writeCursor(MARK, LIST), other)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        faults: [expect.objectContaining({ path: '/cursor' })],
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['!!!', 'not base64'],
    [forge(null), 'null'],
    [
      forge({ v: 1, list: LIST, read: 1e300, at: 0, id: MARK.after.id }),
      'a time that no date holds',
    ],
    [forge({ v: 1, list: LIST, read: 0, at: -1, id: MARK.after.id }), 'a negative time'],
    [forge({ v: 1, list: LIST, read: 0, at: 0, id: "' or 1=1" }), 'an id that is none'],
    [forge({ v: 2, list: LIST, read: 0, at: 0, id: MARK.after.id }), 'another version'],
  ])('refuses %j: %s', (cursor) => {
    expect(() => readCursor(cursor, LIST)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
