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
] as const)('with llm %s and classifier_account %s: %s', (provider, classifierAccount, whose) => {
  expect(ownerOfClassifier(aPolicy({ classifierAccount }), provider)).toBe(whose);
});
