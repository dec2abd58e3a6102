import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/byo-llm.md', 'utf8');

describe('docs/byo-llm.md', () => {
  it('names an existing test for each promise', () => {
    const proofs = [...page.matchAll(/`((?:test|libs|scripts)\/[\w./-]+)`/g)].map(
      ([, path]) => path!,
    );
    expect(proofs.length).toBeGreaterThan(20);
    expect(proofs.filter((path) => !existsSync(path))).toEqual([]);
    const promises = page.split('\n').filter((line) => line.startsWith('| **'));
    expect(promises.filter((row) => !/`(test|libs)\/[^`]+`[^|]*\|$/.test(row))).toEqual([]);
  });
});
