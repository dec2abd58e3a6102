import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/**
 * Addresses at which a cloud serves credentials to any process that runs in it. No setting permits them.
 * AWS, GCP, Azure, Oracle, DigitalOcean: 169.254.169.254; AWS ECS and EKS: 169.254.170.2 and .23; Alibaba: 100.100.100.200;
 * Azure's wire server: 168.63.129.16; Oracle: 192.0.0.192; AWS and GCP on IPv6.
 */
const METADATA = [
  '169.254.169.254/32',
  '169.254.170.2/32',
  '169.254.170.23/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/96',
  'fd20:ce::254/128',
].map((range) => ipaddr.parseCIDR(range));

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and the ranges that are not unicast. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map((range) => ipaddr.parseCIDR(range));

/** The only part of IPv6 that is allocated to the public network. Loopback, ULA, link-local, mapped, NAT64 and multicast are outside of it. */
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/** https://www.iana.org/assignments/iana-ipv6-special-registry, the entries inside 2000::/3. */
const NOT_PUBLIC_V6 = [
  '2001::/23', // Teredo, ORCHID, benchmarking
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: holds any IPv4 address
  '2620:4f:8000::/48',
  '3ffe::/16', // the former 6bone (RFC 3701), which the registry does not list
  '3fff::/20', // documentation
].map((range) => ipaddr.parseCIDR(range));

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Whether an address that the operator did not list may be called. Text that is no address is not public. */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  if (address === undefined || isMetadata(address)) return false;
  if (address.kind() === 'ipv4') return !isIn(address, NOT_PUBLIC_V4);
  return isIn(address, [GLOBAL_UNICAST_V6]) && !isIn(address, NOT_PUBLIC_V6);
}

/**
 * Whether an address belongs to a cloud's metadata service, also if its IPv4 address is embedded in an IPv6 one. Such an address
 * is never called, even if the operator listed it.
 */
export function isMetadataAddress(text: string): boolean {
  const address = parse(text);
  return address !== undefined && isMetadata(address);
}

/** Whether an address is this machine: 127/8, 0/8, `::`, `::1`, or an IPv6 address that embeds one of these IPv4 addresses. */
export function isLoopbackAddress(text: string): boolean {
  const address = parse(text);
  if (address === undefined) return false;
  return formsOf(address).some((form) => ['loopback', 'unspecified'].includes(form.range()));
}

/** An IP address as text, an IPv6 one without its brackets; undefined for a name. */
export function addressOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return parse(bare) === undefined ? undefined : bare;
}

function isMetadata(address: Address): boolean {
  return formsOf(address).some((form) => isIn(form, METADATA));
}

function parse(text: string): Address | undefined {
  // ipaddr.js alone would read 1.2.3 as an address, as the C library does.
  return isIP(text) !== 0 && ipaddr.isValid(text) ? ipaddr.parse(text) : undefined;
}

/** The address and each IPv4 address that its IPv6 form may embed: mapped, compatible, translated, 6to4, Teredo (inverted). */
function formsOf(address: Address): Address[] {
  if (address.kind() === 'ipv4') return [address];
  const bytes = address.toByteArray();
  const last = bytes.slice(12);
  const embedded = [last, bytes.slice(2, 6), last.map((byte) => byte ^ 0xff)];
  const wraps = isIn(address, WRAPPING) ? embedded.map((four) => new ipaddr.IPv4(four)) : [];
  return [address, ...wraps];
}

const WRAPPING = [
  '::/96',
  '::ffff:0:0/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
].map((range) => ipaddr.parseCIDR(range));

function isIn(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(
    ([start, bits]) => start.kind() === address.kind() && address.match(start, bits),
  );
}
