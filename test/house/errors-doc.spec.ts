import { CODES } from '@app/errors';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const HEAD = `# Errors

Every error is \`application/problem+json\` (RFC 9457): \`{type, title, status, code, detail, request_id, errors?, provider?, retryable, retry_after_ms?}\`.
\`code\` is stable; \`detail\` says what to do; \`type\` leads to the code's place on the page that the gateway serves at \`/docs/errors\`. A failed job carries the same
object in \`error\`. This page is written from the table in \`libs/errors\` by \`npm run errors\`, and a test holds it to it.

| Code | Status | Retryable | Meaning | What to do |
| --- | --- | --- | --- | --- |
`;

/** The content of `docs/errors.md`, made from the table. */
function describedErrors(): string {
  const rows = Object.entries(CODES).map(
    ([code, { status, retryable, meaning, remedy }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${meaning} | ${remedy} |\n`,
  );
  return HEAD + rows.join('');
}

/** A row of exactly five cells: code, status, whether it may be retried, meaning and remedy. No cell is empty. */
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
