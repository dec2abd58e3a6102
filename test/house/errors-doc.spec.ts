import { CODES } from '@app/errors';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { describedErrors } from '../support/described-errors.js';

/** A code, its status, whether it may be retried, its meaning and its remedy; none of them empty, no cell too many. */
const ROW =
  /^\| <a id="(\w+)"><\/a>`(\w+)` \| (\d{3}) \| (yes|no) \| ([^|]*\w[^|]*\.) \| ([^|]*\w[^|]*\.) \|$/gm;

describe('docs/errors.md', () => {
  it('equals the table in libs/errors: `npm run errors` writes it', async () => {
    await expect(describedErrors()).toMatchFileSnapshot('../../docs/errors.md');
  });

  it('has the status, the retry rule, the meaning and the remedy of every code', () => {
    const rows = [...readFileSync('docs/errors.md', 'utf8').matchAll(ROW)];
    const told = rows.map(([, anchor, code, status, retryable]) => [
      anchor,
      code,
      Number(status),
      retryable === 'yes',
    ]);
    const known = Object.entries(CODES).map(([code, { status, retryable }]) => [
      code,
      code,
      status,
      retryable,
    ]);
    expect(told).toEqual(known);
  });
});
