import { expect, it } from 'vitest';

import { aPolicy } from '../testing/builders.js';
import { whoseClassifier } from './comparison.js';

it.each([
  [null, 'caller', 'bundled'],
  [null, 'bundled', 'bundled'],
  ['anthropic', 'caller', 'caller'],
  ['anthropic', 'bundled', 'bundled'],
  ['openai', 'caller', 'nobody'],
  ['openai', 'bundled', 'bundled'],
  ['azure', 'caller', 'nobody'],
  ['azure', 'bundled', 'bundled'],
  ['whatever comes next', 'caller', 'nobody'],
] as const)('with llm %s and classifier_account %s: %s', (provider, classifierAccount, whose) => {
  expect(whoseClassifier(aPolicy({ classifierAccount }), provider)).toBe(whose);
});
