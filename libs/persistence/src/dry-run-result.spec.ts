import { aFact, aMessage, aMessagesWrite, extracted } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { dryRunResult } from './dry-run-result.js';

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
  it('has each fact as it would have been stored', () => {
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

  it('keeps the messages that are cited, each once, and no other', () => {
    const facts = [aFact({ positions: [0] }), aFact({ positions: [0, 2] })];
    const { dryRun } = dryRunResult(request, extracted(facts), NOW);
    expect(dryRun?.messages.map(({ position, content }) => [position, content])).toEqual([
      [0, 'I moved to Lisbon.'],
      [2, 'I sing.'],
    ]);
  });

  it('can be stored whatever a model wrote', () => {
    const facts = [aFact({ text: 'NUL \0 and half \ud83d', topic: '\0' })];
    const result = dryRunResult(request, extracted(facts, { note: 'no\0te' }), NOW);
    expect(JSON.stringify(result)).not.toMatch(/\\u0000|\\ud83d/);
  });
});
