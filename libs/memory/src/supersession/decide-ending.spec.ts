import { describe, expect, it } from 'vitest';

import type { Version } from '../memories/version.js';
import { decideEnding, type MemoryState } from './decide-ending.js';

const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));
const NOW = year(2026);

const stated = (
  memoryId: string,
  begun: number,
  belief: Partial<Version> = {},
  tenantId: string | null = null,
): MemoryState => ({
  tenantId,
  open: {
    memoryId,
    validFrom: year(begun),
    validTo: null,
    supersededBy: null,
    believedFrom: year(2020),
    believedTo: null,
    ...belief,
  },
});
const acme = stated('acme', 2001);
const byGlobex = { supersededBy: 'globex', validTo: null };
const decide = (memory: MemoryState, successor: MemoryState) =>
  decideEnding(memory, byGlobex, successor, [], NOW);

describe('the end of a superseded memory', () => {
  it('is validFrom of its successor, in the past, the present or the future', () => {
    expect(decide(acme, stated('globex', 2010)).validTo).toEqual(year(2010));
    expect(decide(acme, stated('globex', 2030)).validTo).toEqual(year(2030));
  });

  it('is now when the successor became true at the same time or earlier', () => {
    expect(decide(acme, stated('globex', 2001)).validTo).toEqual(NOW);
    expect(decide(acme, stated('globex', 1999)).validTo).toEqual(NOW);
  });

  it('is the date of the caller, if given', () => {
    const asked = { ...byGlobex, validTo: year(2015) };
    expect(decideEnding(acme, asked, stated('globex', 2010), [], NOW)).toEqual(asked);
  });
});

const code = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('decideEnding refuses', () => {
  it('the memory itself as its successor, before any other fault', () => {
    const ended = stated('globex', 2001, { validTo: year(2002) });
    expect(code(() => decideEnding(ended, byGlobex, undefined, [], NOW))).toBe(
      'supersession_invalid',
    );
  });

  it('a successor that the caller cannot see, one of another tenant, and one that closes a cycle', () => {
    expect(code(() => decideEnding(acme, byGlobex, undefined, [], NOW))).toBe('not_found');
    expect(code(() => decide(acme, stated('globex', 2010, {}, 'blue')))).toBe(
      'supersession_invalid',
    );
    const back = {
      memoryId: 'globex',
      supersededBy: 'acme',
      createdAt: NOW,
      validFrom: NOW,
      erased: false,
    };
    expect(code(() => decideEnding(acme, byGlobex, stated('globex', 2010), [back], NOW))).toBe(
      'supersession_invalid',
    );
  });

  it('an end before validFrom, naming the field', () => {
    const asked = { supersededBy: null, validTo: year(2000) };
    expect(() => decideEnding(acme, asked, undefined, [], NOW)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        faults: [{ path: '/valid_to', message: expect.any(String) }],
      }),
    );
  });
});
