import { describe, expect, it } from 'vitest';

import { describeUnexpected } from './describe-unexpected.js';

describe('describeUnexpected', () => {
  it('has the kind and the place of an error, and not its message', () => {
    let thrown: unknown;
    try {
      JSON.parse('{"key": sk-planted}');
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain('planted');
    const description = describeUnexpected(thrown);
    expect(description).toMatch(/^SyntaxError\n\s+at /);
    expect(description).not.toContain('planted');
  });

  it('has the code of an error, and no other field', () => {
    const refused = Object.assign(new Error('planted'), { code: '23505', parameters: ['planted'] });
    expect(describeUnexpected(refused)).toMatch(/^Error 23505\n/);
    expect(describeUnexpected(refused)).not.toContain('planted');
  });

  it('describes a thrown value that is no error', () => {
    expect(describeUnexpected('planted')).toBe('A string was thrown.');
  });
});
