import { expect, it } from 'vitest';

import { aPolicy } from '../testing/builders.js';
import { ownerOfClassifier } from './comparison.js';

it.each([
  [null, 'caller', 'bundled'],
  [null, 'bundled', 'bundled'],
  ['anthropic', 'caller', 'caller'],
  ['anthropic', 'bundled', 'bundled'],
  ['openai', 'caller', 'none'],
  ['openai', 'bundled', 'bundled'],
  ['azure', 'caller', 'none'],
  ['azure', 'bundled', 'bundled'],
  ['whatever comes next', 'caller', 'none'],
] as const)(
  'llm %s with classifier_account %s classifies on account: %s',
  (provider, classifierAccount, account) => {
    expect(ownerOfClassifier(aPolicy({ classifierAccount }), provider)).toBe(account);
  },
);
