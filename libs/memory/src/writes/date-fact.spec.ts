import { describe, expect, it } from 'vitest';

import { aFact, aMessage, aMessagesWrite } from '../testing/builders.js';
import { capturedAt, validFromOf } from './date-fact.js';

const at = (text: string): Date => new Date(`2026-${text}T00:00:00Z`);
const NOW = at('06-01');

const conversation = aMessagesWrite({
  recordedAt: at('05-01'),
  messages: [aMessage({ at: at('03-01') }), aMessage({ at: at('02-01') }), aMessage({ at: null })],
});

describe('capturedAt', () => {
  it('is the latest time of the messages it cites, whatever their order', () => {
    expect(capturedAt([0, 1], conversation, NOW)).toEqual(at('03-01'));
    expect(capturedAt([1], conversation, NOW)).toEqual(at('02-01'));
    expect(capturedAt([2, 1], conversation, NOW)).toEqual(at('02-01'));
  });

  it('is recordedAt when the cited messages have no time, or none is cited', () => {
    expect(capturedAt([2], conversation, NOW)).toEqual(at('05-01'));
    expect(capturedAt([], conversation, NOW)).toEqual(at('05-01'));
    expect(capturedAt([17], conversation, NOW)).toEqual(at('05-01'));
  });

  it('is now when the write gives no time', () => {
    expect(capturedAt([2], { ...conversation, recordedAt: null }, NOW)).toEqual(NOW);
  });
});

describe('validFromOf', () => {
  const stated = aFact({ positions: [0], validFrom: at('01-15') });

  it('prefers the date of the caller', () => {
    expect(validFromOf(stated, { ...conversation, validFrom: at('01-01') }, NOW)).toEqual(
      at('01-01'),
    );
  });

  it('is the date that the fact states', () => {
    expect(validFromOf(stated, conversation, NOW)).toEqual(at('01-15'));
  });

  it('is the time of the cited messages when the fact states no date', () => {
    expect(validFromOf({ ...stated, validFrom: null }, conversation, NOW)).toEqual(at('03-01'));
  });
});
