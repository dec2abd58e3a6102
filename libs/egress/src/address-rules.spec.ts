import { describe, expect, it } from 'vitest';

import {
  addressOf,
  isLoopbackAddress,
  isMetadataAddress,
  isPublicAddress,
} from './address-rules.js';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '198.17.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::1',
];

const NOT_PUBLIC = {
  'this network': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'link-local': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0'],
  'unique local': ['fc00::1', 'fd12:3456::1'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'multicast and reserved': ['224.0.0.1', '240.0.0.1', '255.255.255.255', 'ff02::1'],
  'protocol assignments': ['192.0.0.1', '192.88.99.1'],
  'IPv4 inside IPv6': [
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    '2002:808:808::1',
    '2001:0:808:808::1',
    '::ffff:0:808:808',
  ],
  'not allocated': ['4000::1', '1::1', '100::1', '5f00::1', 'fec0::1'],
  'no address': ['', 'localhost', 'example.com', '1.2.3', '1.2.3.4.5', '[::1]', '999.1.1.1'],
};

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
];

describe('an address', () => {
  it.each(PUBLIC)('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
    expect(isMetadataAddress(address)).toBe(false);
  });

  it.each(
    Object.entries(NOT_PUBLIC).flatMap(([why, list]) => list.map((address) => [address, why])),
  )('%j is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(METADATA)('%s belongs to a metadata service', (address) => {
    expect(isMetadataAddress(address)).toBe(true);
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'])(
    '%s is this machine',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true);
    },
  );

  it.each(['10.0.0.1', '8.8.8.8', 'fd00::1', 'localhost'])('%s is another machine', (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  });

  it('is distinguished from a name, with and without brackets', () => {
    expect(['[::1]', '::1', '127.0.0.1', 'localhost', 'a.b'].map(addressOf)).toEqual([
      '::1',
      '::1',
      '127.0.0.1',
      undefined,
      undefined,
    ]);
  });
});
