import { describe, expect, it } from 'vitest';

import { holdsPartOf } from './part-of-key.js';

const HEX_KEY = '0123456789abcdef0123456789abcdef'.replace('4', 'e');
const traceparent = (traceId: string, parentId = 'b7ad6b7169203331'): string =>
  `00-${traceId}-${parentId}-01`;

describe('a header', () => {
  it.each([
    ['the key as trace id', traceparent(HEX_KEY), HEX_KEY],
    ['a key in capitals, in small letters', traceparent(HEX_KEY), HEX_KEY.toUpperCase()],
    ['half a key as parent id', traceparent('1'.repeat(32), HEX_KEY.slice(16)), HEX_KEY],
    ['half of a longer key', traceparent(HEX_KEY), `${'9'.repeat(32)}${HEX_KEY}`],
    ['twelve characters of a key', 'request-3456789.abcd', 'sk-3456789.abcd-more'],
  ])('holds a part of a key: %s', (_what, header, key) => {
    expect(holdsPartOf(['sk-another-key-of-many', key], header)).toBe(true);
  });

  it.each([
    ['eleven characters of a key', 'request.3456789abcd', 'sk-3456789abcd'],
    ['another trace id', traceparent('0af7651916cd43dd8448eb211c80319c'), HEX_KEY],
    ['less than a part', 'short', HEX_KEY],
  ])('holds none: %s', (_what, header, key) => {
    expect(holdsPartOf([key], header)).toBe(false);
  });

  it('is looked at in linear time: 8 MB of keys that begin like it', () => {
    const keys = Array.from({ length: 1_000 }, () => 'ab'.repeat(4_096));
    const start = performance.now();
    expect(holdsPartOf(keys, 'abababababacabababababacababababa')).toBe(false);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
