import { aFact, aMessage, aMessagesWrite, extracted } from '../testing/index.js';
import { describe, expect, it } from 'vitest';

import { dryRunResult } from './write-result.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const SAID = new Date('2026-05-01T09:00:00Z');

const request = aMessagesWrite({
  tenantId: 'blue',
  sessionId: 'call-7',
  metadata: { plan: 'pro' },
  messages: [
    aMessage({ content: 'I moved to Lisbon.', at: SAID }),
    aMessage({ content: 'Hm.' }),
    aMessage({ content: 'I sing.' }),
  ],
  dryRun: true,
});

describe('the result of a dry run', () => {
  it('holds each fact as it would have been stored', () => {
    const validFrom = new Date('2021-04-01T00:00:00Z');
    const facts = [aFact({ validFrom, positions: [0] }), aFact({ positions: [2, 9, 0] })];
    const { dryRun, ...rest } = dryRunResult(request, extracted(facts), NOW);
    expect(rest).toMatchObject({
      status: 'dry_run',
      tenantId: 'blue',
      memoryIds: [],
      extractedCount: 2,
      autoSupersede: [],
      extraction: { llmCalls: 1, usage: { inputTokens: 120 }, note: null },
    });
    expect(dryRun).toMatchObject({
      source: 'agent',
      sessionId: 'call-7',
      metadata: { plan: 'pro' },
    });
    expect(dryRun?.facts).toMatchObject([
      { validFrom, capturedAt: SAID, positions: [0] },
      { validFrom: SAID, capturedAt: SAID, positions: [0, 2] },
    ]);
  });

  it('holds each cited message once, and no other message', () => {
    const facts = [aFact({ positions: [0] }), aFact({ positions: [0, 2] })];
    const { dryRun } = dryRunResult(request, extracted(facts), NOW);
    expect(dryRun?.messages.map(({ position, content }) => [position, content])).toEqual([
      [0, 'I moved to Lisbon.'],
      [2, 'I sing.'],
    ]);
  });

  it('holds the beginning of a long message, and as many facts as fit into one answer', () => {
    const long = { ...request, messages: [aMessage({ content: '😀'.repeat(50_000) })] };
    const facts = Array.from({ length: 400 }, () =>
      aFact({ text: 'x'.repeat(4_000), positions: [0] }),
    );
    const result = dryRunResult(long, extracted(facts), NOW);
    expect(result.extractedCount).toBe(400);
    expect(result.dryRun?.messages).toMatchObject([
      { content: '😀'.repeat(4_000), position: 0, shortened: true },
    ]);
    const shown = result.dryRun?.facts.length ?? 0;
    expect(shown).toBeGreaterThan(100);
    expect(shown + (result.dryRun?.leftOut ?? 0)).toBe(400);
    // Each shows 8,000 bytes of text and 16,000 of the message.
    expect(shown * 24_000).toBeLessThan(4 * 1024 * 1024);
  });
});
