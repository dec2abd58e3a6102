import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const OWNER = 'libs/persistence/src/jobs/job-lifecycle.ts';
/** An idempotency record has states of its own, and is no job. */
const OTHER_TABLE = 'idempotency_records';

/** SQL is in template literals and quoted strings, so the text of the file is searched statement by statement. */
const STATE_SET =
  /\bupdate\s+(?:\S+\s+(?:as\s+)?(?:\w+\s+)?)?set\b(?:(?!\bwhere\b|`;|;\n)[\s\S])*?\bstate\s*=/gi;
const STATE_INSERTED = /\binsert\s+into\s+(?:writes|queries|erasures)\b[^()]*\([^)]*\bstate\b/gi;
/** The fragments of a SET that the owner shares between its statements. */
const STATE_FRAGMENT = /[`'"]\s*state\s*=\s*'(?:queued|running|succeeded|failed|cancelled)'/gi;

const production = globSync(['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts']).filter(
  (path) => !/\.spec\.ts$|\/testing\/|\/migrations\//.test(path),
);

const writesState = (source: string): boolean =>
  [STATE_SET, STATE_INSERTED, STATE_FRAGMENT].some((pattern) =>
    [...source.matchAll(pattern)].some(
      (match) => !statementOf(source, match).includes(OTHER_TABLE),
    ),
  );

/** The text from the quote that opens the statement to the state. */
const statementOf = (source: string, { 0: found, index }: RegExpExecArray): string =>
  source.slice(source.lastIndexOf('`', index) + 1, index + found.length);

it('only job-lifecycle.ts writes the state of a job', () => {
  const found = production.filter((path) => writesState(readFileSync(path, 'utf8')));
  expect(found).toEqual([OWNER]);
});
