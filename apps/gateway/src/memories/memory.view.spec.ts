import type { Memory, SeenMemory, Turn, Version } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { type ViewContext, viewMemory } from './memory.view.js';

const APRIL = new Date('2026-04-01T00:00:00Z');
const MAY = new Date('2026-05-01T00:00:00Z');
const JUNE = new Date('2026-06-01T00:00:00Z');
const at = (now: Date, halfLifeDays = 30): ViewContext => ({ now, halfLifeDays });
const SUCCESSOR = '0a7f3f0e-4a39-4f0a-8f3c-2a1b6f1f7d11';

const turn = (position: number, role: string, text: string): Turn => ({
  id: `t${position}`,
  position,
  role,
  name: null,
  saidAt: null,
  text,
});

function seen(version: Partial<Version> = {}, memory: Partial<Memory> = {}): SeenMemory {
  const id = '4f0c1d1e-6d0f-4f43-9f0a-0d6f7a3b1c2d';
  return {
    memory: {
      id,
      accountId: 'c0ffee00-0000-4000-8000-000000000000',
      tenantId: null,
      source: 'agent_session',
      sessionId: 'call-7',
      turnsShortened: false,
      externalId: null,
      metadata: { plan: 'pro' },
      text: 'Ada lives in London.',
      topic: 'Home',
      category: 'location',
      importance: 6,
      createdAt: MAY,
      capturedAt: APRIL,
      extraction: null,
      turns: [],
      ...memory,
    },
    version: {
      memoryId: id,
      validFrom: MAY,
      validTo: null,
      supersededBy: null,
      believedFrom: MAY,
      believedTo: null,
      ...version,
    },
  };
}

describe('a memory on the wire', () => {
  it('has its fact under two names, and its source', () => {
    expect(viewMemory(seen(), at(MAY))).toMatchObject({
      summary: 'Ada lives in London.',
      decision: 'Ada lives in London.',
      source_citation: {
        type: 'agent_session',
        channel: 'call-7',
        captured_at: '2026-04-01T00:00:00.000Z',
        original_message: 'Ada lives in London.',
      },
    });
  });

  it('cites a single turn unchanged', () => {
    const one = seen({}, { turns: [turn(0, 'user', 'I moved to London.')] });
    expect(viewMemory(one, at(MAY)).source_citation.original_message).toBe('I moved to London.');
  });

  it('cites several turns with their roles', () => {
    const two = seen({}, { turns: [turn(0, 'user', 'London?'), turn(1, 'assistant', 'Yes.')] });
    expect(viewMemory(two, at(MAY)).source_citation.original_message).toBe(
      'user: London?\nassistant: Yes.',
    );
  });

  it('halves its freshness in the half-life of the API key', () => {
    const thirtyDaysOn = new Date(MAY.getTime() + 30 * 86_400_000);
    expect(viewMemory(seen(), at(thirtyDaysOn)).freshness).toBeCloseTo(0.5);
    expect(viewMemory(seen(), at(thirtyDaysOn, 10)).freshness).toBeCloseTo(0.125);
  });
});

const flags = (version: Partial<Version>, now = JUNE) => {
  const { is_current, is_expired, is_superseded } = viewMemory(seen(version), at(now)).temporal;
  return { is_current, is_expired, is_superseded };
};

describe('exactly one of the flags current, expired and superseded', () => {
  const none = { is_current: false, is_expired: false, is_superseded: false };

  it.each([
    ['open-ended', {}, 'is_current'],
    ['ended in the future', { validTo: new Date('2027-01-01T00:00:00Z') }, 'is_current'],
    ['begun in the future', { validFrom: new Date('2027-01-01T00:00:00Z') }, 'is_current'],
    ['ended with no successor', { validTo: MAY }, 'is_expired'],
    ['replaced', { validTo: MAY, supersededBy: SUCCESSOR }, 'is_superseded'],
  ])('is true for a version that is %s', (_what, version, flag) => {
    expect(flags(version)).toEqual({ ...none, [flag]: true });
  });

  it('and freshness is 0 once the version has ended', () => {
    expect(viewMemory(seen({ validTo: MAY }), at(JUNE)).freshness).toBe(0);
  });
});

it('a version that is no longer believed has an end of its transaction time', () => {
  const { temporal } = viewMemory(seen({ believedFrom: APRIL, believedTo: MAY }), at(JUNE));
  expect(temporal).toMatchObject({
    transaction_time_start: '2026-04-01T00:00:00.000Z',
    transaction_time_end: '2026-05-01T00:00:00.000Z',
    is_known_current: false,
  });
});
