import { CODES } from '@app/errors';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/limits.md', 'utf8');
const example = readFileSync('.env.example', 'utf8');
const words = [...page.matchAll(/`([A-Za-z_]+)`/g)].map(([, word = '']) => word);

/** The words that have the form of an error's code. */
const CODE =
  /^(invalid_request|not_authenticated|account_blocked|(llm|payload|rate|quota|supersession|caller)_\w+|unavailable)$/;

describe('docs/limits.md', () => {
  it('names only settings that exist', () => {
    const settings = words.filter((word) => /^[A-Z]+(_[A-Z]+)+$|^PLANS$/.test(word));
    expect(settings.length).toBeGreaterThan(8);
    expect(settings.filter((name) => !example.includes(`${name}=`))).toEqual([]);
  });

  it('names only codes that exist', () => {
    const codes = words.filter((word) => CODE.test(word));
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !(code in CODES))).toEqual([]);
  });
});
