import { randomUUID } from 'node:crypto';

import { expect, it } from 'vitest';
import { z } from 'zod';

import { writeIdAt } from './batch.service.js';

it('derives a unique and stable write id for each place of a batch', () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const ids = [one, other].flatMap((batch) =>
    Array.from({ length: 1_000 }, (_, index) => writeIdAt(batch, index)),
  );
  expect(new Set(ids).size).toBe(2_000);
  expect(ids[17]).toBe(writeIdAt(one, 17));
  expect(z.array(z.uuid()).safeParse(ids).success).toBe(true);
});
