import { describe, expect, it } from 'vitest';

import { aFact, aMessage, aMessagesWrite } from '../testing/builders.js';
import { capturedAt, validFromOf } from './date-fact.js';

const at = (text: string): Date => new Date(`2026-${text}T00:00:00Z`);
const NOW = at('06-01');

const conversation = aMessagesWrite({
  recordedAt: at('05-01'),
  messages: [aMessage({ at: at('03-01') }), aMessage({ at: at('02-01') }), aMessage({ at: null })],
});

describe('when a fact was captured', () => {
  it('is the latest time of the messages it cites, whatever their order', () => {
    expect(capturedAt([0, 1], conversation, NOW)).toEqual(at('03-01'));
    expect(capturedAt([1], conversation, NOW)).toEqual(at('02-01'));
    expect(capturedAt([2, 1], conversation, NOW)).toEqual(at('02-01'));
  });

  it('is when the conversation took place, where they have no time or there are none', () => {
    expect(capturedAt([2], conversation, NOW)).toEqual(at('05-01'));
    expect(capturedAt([], conversation, NOW)).toEqual(at('05-01'));
    expect(capturedAt([17], conversation, NOW)).toEqual(at('05-01'));
  });

  it('is now, where nobody says', () => {
    expect(capturedAt([2], { ...conversation, recordedAt: null }, NOW)).toEqual(NOW);
  });
});

describe('when a fact became true', () => {
  const stated = aFact({ positions: [0], validFrom: at('01-15') });

  it('is what the caller says, before all', () => {
    expect(validFromOf(stated, { ...conversation, validFrom: at('01-01') }, NOW)).toEqual(
      at('01-01'),
    );
  });

  it('is the date that it states', () => {
    expect(validFromOf(stated, conversation, NOW)).toEqual(at('01-15'));
  });

  it('is when it was said, where it states none', () => {
    expect(validFromOf({ ...stated, validFrom: null }, conversation, NOW)).toEqual(at('03-01'));
  });
});
