import { describe, expect, it } from 'vitest';

import { redactJobData } from './redact.js';

describe('job data on the board', () => {
  it('keeps ids and hides the envelope', () => {
    expect(redactJobData({ v: 1, writeId: 'w', sealed: 'v1.k.a.b.c' })).toEqual({
      v: 1,
      writeId: 'w',
      sealed: '[sealed]',
    });
  });

  it('hides a field that nobody has decided to show', () => {
    expect(redactJobData({ writeId: 'w', question: 'where do I live' })).toEqual({
      writeId: 'w',
      question: '[sealed]',
    });
  });

  it.each([undefined, null, 'text', 7])('shows nothing of %s', (data) => {
    expect(redactJobData(data)).toEqual({});
  });
});
