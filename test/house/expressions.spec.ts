import { describe, expect, it } from 'vitest';

import {
  builtExpressions,
  expressionLiterals,
  filesThatBuildExpressions,
  superLinearParts,
  timeOverWorstInput,
} from '../support/expressions.js';

/** A linear expression takes some 10 ms for 1 MiB, a quadratic one minutes. */
const LIMIT_MS = 2_000;

/** Files that build expressions from texts of the source code, never from outside text. The built expressions are checked too. */
const BUILDERS = [
  'apps/gateway/src/http/known-methods.ts',
  'apps/query-worker/src/answering/cite.ts',
  'libs/llm-providers/src/answers/thoughts.ts',
  'libs/llm-providers/src/boundary/marker.ts',
  'libs/llm-providers/src/errors/failure-words.ts',
  'libs/llm-providers/src/errors/retry-after.ts',
];

const expressions = [...expressionLiterals(), ...(await builtExpressions(BUILDERS))];

/** Nearly every expression is matched against text from outside, so all of them, as read from the source, must be linear. */
describe('the regular expressions of apps/ and libs/', () => {
  it('are all found, including those that are built at run time', () => {
    expect(expressions.length).toBeGreaterThan(100);
    const built = expressions.filter(({ place }) => BUILDERS.includes(place));
    expect(built.map(({ literal }) => literal.slice(0, 20))).toContainEqual(
      expect.stringContaining('try again in'),
    );
  });

  it('have no part whose time grows faster than the text', () => {
    const faulty = expressions
      .map(({ place, literal }) => ({ place, literal, parts: superLinearParts(literal) }))
      .filter(({ parts }) => parts.length > 0);
    expect(faulty).toEqual([]);
  });

  it('match 1 MiB of their worst input within the limit', { timeout: 300_000 }, () => {
    const slow = expressions.filter(
      ({ literal }) => timeOverWorstInput(literal, LIMIT_MS) === undefined,
    );
    expect(slow).toEqual([]);
  });

  it('are literals, except in the files that are listed here', () => {
    expect(filesThatBuildExpressions()).toEqual(BUILDERS);
  });
});

describe('the search for slow expressions', () => {
  it('finds expressions that are known to be quadratic', () => {
    const quadratic = [
      String.raw`/(?:[\w-]+\.)+(?:internal|local)\b/g`,
      String.raw`/[ \t]+([.,;:!?])/g`,
      String.raw`/^(a|a)*$/`,
    ];
    expect(quadratic.map((literal) => timeOverWorstInput(literal, 100))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
