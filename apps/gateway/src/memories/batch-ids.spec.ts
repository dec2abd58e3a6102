import { randomUUID } from 'node:crypto';

import { expect, it } from 'vitest';
import { z } from 'zod';

import { writeIdAt } from './batch-ids.js';

it('gives each place of each batch an id of its own, and always the same', () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const ids = [one, other].flatMap((batch) =>
    Array.from({ length: 1_000 }, (_, index) => writeIdAt(batch, index)),
  );
  expect(new Set(ids).size).toBe(2_000);
  expect(ids[17]).toBe(writeIdAt(one, 17));
  expect(z.array(z.uuid()).safeParse(ids).success).toBe(true);
});
