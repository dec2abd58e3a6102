import { describe, expect, it } from 'vitest';

import { citationsIn, faultOf } from '../support/citations.js';
import { trackedFiles } from '../support/tracked-files.js';

const SELF = 'test/house/citations.spec.ts';
/** A released entry of the changelog may name a page that has moved since. */
const HISTORY = ['CHANGELOG.md'];

const files = trackedFiles().filter(
  ({ path }) =>
    /\.(ts|mjs|md|sh)$|^\.env\.example$|^\.ci\//.test(path) && ![SELF, ...HISTORY].includes(path),
);

const faultsOf = (text: string, path = 'libs/example.ts'): readonly (string | undefined)[] =>
  citationsIn({ path, text }).map(faultOf);

describe('citations of pages', () => {
  it('name only pages, headings and anchors that exist', () => {
    const citations = files.flatMap(citationsIn);
    expect(citations.length).toBeGreaterThan(50);
    expect(citations.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

describe('the check of citations', () => {
  it.each([
    ['// See docs/nowhere.md.', 'there is no docs/nowhere.md'],
    ['// See nowhere.md, section 2.', 'there is no nowhere.md'],
    ['// docs/errors.md#no_such_code', 'has no #no_such_code'],
    ['/**\n * docs/errors.md,\n * "No Such Title" says it.\n */', 'has no "No Such Title"'],
    ['// docs/errors.md 9.9 says it.', 'has no 9.9'],
    ['// docs/errors.md §9.9 says it.', 'has no 9.9'],
  ])('reports %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(fault)]);
  });

  it.each(['[there](nowhere.md)', '[above](#no-such-heading)', '[x](errors.md#no_such_code)'])(
    'reports the link %s of a page',
    (text) => {
      expect(faultsOf(text, 'docs/errors.md')).toContainEqual(expect.any(String));
    },
  );

  it.each([
    '// docs/errors.md#llm_auth_failed',
    '// docs/errors.md, "Errors"',
    '// https://example.com/docs/nowhere.md',
  ])('accepts %j', (text) => {
    expect(faultsOf(text).filter((fault) => fault !== undefined)).toEqual([]);
  });
});
