import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { curl } from './curl.js';

describe('a command to be pasted', () => {
  it('survives quotes, dollars and line breaks in what it sends', () => {
    const body = { text: `It's "5 $" and $(id)\nmore`, list: [{ a: 'x', n: 1 }], key: '$SECRET' };
    const script = `curl() { printf '%s' "\${@: -1}"; }\n${curl('http://x', 'k', body)}`;
    const sent = execFileSync('bash', ['--norc', '-c', script], {
      env: { SECRET: 'of the shell' },
      encoding: 'utf8',
    });
    expect(JSON.parse(sent)).toEqual({ ...body, key: 'of the shell' });
  });
});
