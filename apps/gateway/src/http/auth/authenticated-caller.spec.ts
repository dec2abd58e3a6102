import { describe, expect, it } from 'vitest';

import { refusalBucketOf } from './authenticated-caller.js';

const KEY_ID = '4b1c7a52-3d59-4e0b-9a55-0c9a53b4d0f1';

describe('the counter of rejected provider keys', () => {
  it('is the same for one API key and address, in any notation of the address', () => {
    const name = refusalBucketOf(KEY_ID, '192.0.2.7');
    expect(refusalBucketOf(KEY_ID, '::ffff:192.0.2.7')).toBe(name);
    expect(refusalBucketOf(KEY_ID, '192.0.2.8')).not.toBe(name);
    expect(refusalBucketOf(KEY_ID.replace('4', '5'), '192.0.2.7')).not.toBe(name);
  });

  it('is the same for all IPv6 addresses of one subscriber', () => {
    const name = refusalBucketOf(KEY_ID, '2001:db8:1:2::1');
    expect(refusalBucketOf(KEY_ID, '2001:db8:1:2:ffff::9')).toBe(name);
    expect(refusalBucketOf(KEY_ID, '2001:db8:1:3::1')).not.toBe(name);
  });

  it('contains neither the id nor the address', () => {
    const name = refusalBucketOf(KEY_ID, '192.0.2.7');
    expect(name).toMatch(/^[\w-]{22}$/);
    expect(name).not.toContain('192');
  });

  it('accepts a text that is not an address', () => {
    expect(refusalBucketOf(KEY_ID, 'unknown')).toMatch(/^[\w-]{22}$/);
  });
});
