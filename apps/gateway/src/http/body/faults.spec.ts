import { expect, it } from 'vitest';

import { rememberSchema } from '../../memories/remember.schemas.js';
import { parseWith } from './faults.js';

const wrongParts = (messages: number, parts: number): object => ({
  messages: Array.from({ length: messages }, () => ({
    role: 'user',
    content: Array.from({ length: parts }, () => ({})),
  })),
});
const issuesIn = (body: object, itemCount: number) =>
  parseWith(rememberSchema, body, itemCount).error?.issues;

it('finds every fault of a value with few list items', () => {
  expect(issuesIn(wrongParts(3, 1), 6)).toHaveLength(3);
});

it('finds the first fault alone in a value with very many list items', () => {
  expect(issuesIn(wrongParts(500, 1_000), 500_500)).toMatchObject([
    { code: 'custom', path: ['messages', 0, 'content', 0, 'type'] },
  ]);
});
