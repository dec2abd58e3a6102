import { dryRunResult } from '@app/memory';
import { aFact, aMessagesWrite, extracted } from '@app/memory/testing';
import { expect, it } from 'vitest';

import { storableExtraction } from './storable-extraction.js';

it('makes the result of a dry run storable when a model writes NUL or lone surrogates', () => {
  const facts = [aFact({ text: 'NUL \0 and half \ud83d', topic: '\0' })];
  const found = storableExtraction(extracted(facts, { note: 'no\0te' }));
  const result = dryRunResult(aMessagesWrite({ dryRun: true }), found, new Date());
  expect(JSON.stringify(result)).not.toMatch(/\\u0000|\\ud83d/);
});
