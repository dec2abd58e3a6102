import { expect, it } from 'vitest';

import { wantsStrict } from './handling.js';

it.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['respond-async', false],
  ['handling=strict', true],
  ['Handling = "Strict"', true],
  ['respond-async, wait=10, handling=strict; x=1', true],
  ['handling=lenient', false],
  ['handling=lenient, handling=strict', false],
  ['handling', false],
  ['handling=stricter', false],
  ['x="handling=strict"', false],
])('Prefer: %s asks for strict handling: %s', (header, isStrict) => {
  expect(wantsStrict(header)).toBe(isStrict);
});
