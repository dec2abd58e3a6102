import { describe, expect, it } from 'vitest';

import { refusalBucketOf } from './authenticated-caller.js';

const KEY_ID = '4b1c7a52-3d59-4e0b-9a55-0c9a53b4d0f1';

describe('the name under which refusals are counted', () => {
  it('is one for an API key at an address, however the address is written', () => {
    const name = refusalBucketOf(KEY_ID, '192.0.2.7');
    expect(refusalBucketOf(KEY_ID, '::ffff:192.0.2.7')).toBe(name);
    expect(refusalBucketOf(KEY_ID, '192.0.2.8')).not.toBe(name);
    expect(refusalBucketOf(KEY_ID.replace('4', '5'), '192.0.2.7')).not.toBe(name);
  });

  it('is one for all IPv6 addresses of one subscriber', () => {
    const name = refusalBucketOf(KEY_ID, '2001:db8:1:2::1');
    expect(refusalBucketOf(KEY_ID, '2001:db8:1:2:ffff::9')).toBe(name);
    expect(refusalBucketOf(KEY_ID, '2001:db8:1:3::1')).not.toBe(name);
  });

  it('says neither the id nor the address', () => {
    const name = refusalBucketOf(KEY_ID, '192.0.2.7');
    expect(name).toMatch(/^[\w-]{22}$/);
    expect(name).not.toContain('192');
  });

  it('takes what is no address as it is', () => {
    expect(refusalBucketOf(KEY_ID, 'unknown')).toMatch(/^[\w-]{22}$/);
  });
});
