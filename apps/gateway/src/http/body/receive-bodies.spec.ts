import { AppError } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { BodyBytes } from './receive-bodies.js';

const codeOf = (work: () => void): string | undefined => {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return undefined;
};

describe('the limit on the bytes of bodies in memory', () => {
  it('is a quarter for one holder', () => {
    const bytes = new BodyBytes(400);
    const hold = bytes.hold('one');
    hold.add(60);
    bytes.hold('one').add(40);
    expect(codeOf(() => hold.add(1))).toBe('rate_limited');
    expect(codeOf(() => bytes.hold('one').expect(1))).toBe('rate_limited');
    expect(codeOf(() => bytes.hold('another').add(100))).toBeUndefined();
  });

  it('applies to all holders together', () => {
    const bytes = new BodyBytes(400);
    for (const holder of ['a', 'b', 'c', 'd']) bytes.hold(holder).add(100);
    expect(codeOf(() => bytes.hold('e').add(1))).toBe('unavailable');
    expect(codeOf(() => bytes.hold('e').expect(1))).toBe('unavailable');
  });

  it('releases bytes once, and does not count bytes that were only expected', () => {
    const bytes = new BodyBytes(400);
    const [first, second] = [bytes.hold('one'), bytes.hold('one')];
    first.expect(100);
    expect(bytes.held).toBe(0);
    first.add(60);
    second.add(40);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(bytes.held).toBe(40);
    expect(codeOf(() => second.add(60))).toBeUndefined();
    second[Symbol.dispose]();
    expect(bytes.held).toBe(0);
  });
});
