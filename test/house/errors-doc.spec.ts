import { CODES } from '@app/errors';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROW = /^\| <a id="(\w+)"><\/a>`(\w+)` \| (\d{3}) \| (yes|no) \| (.+) \|$/gm;

const page = readFileSync('docs/errors.md', 'utf8');
const rows = [...page.matchAll(ROW)].map(([, anchor, code, status, retryable, meaning]) => ({
  anchor,
  code,
  status: Number(status),
  retryable: retryable === 'yes',
  meaning,
}));

const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }): number =>
  (a.code ?? '').localeCompare(b.code ?? '');

describe('docs/errors.md', () => {
  it('lists every code once, with its status and whether it may be retried', () => {
    const documented = rows.map(({ code, status, retryable }) => ({ code, status, retryable }));
    const known = Object.entries(CODES).map(([code, { status, retryable }]) => ({
      code,
      status,
      retryable,
    }));
    expect(documented.toSorted(byCode)).toEqual(known.toSorted(byCode));
  });

  it('has an anchor for each problem type', () => {
    expect(rows.map(({ anchor }) => anchor)).toEqual(rows.map(({ code }) => code));
  });
});
