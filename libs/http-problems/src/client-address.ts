import ipaddr from 'ipaddr.js';

/** Groups of an IPv6 address that identify a subscriber: a subscriber gets a /64 or more and can use any address in it (RFC 6177). */
const SUBSCRIBER_GROUPS = 4;

/**
 * The part of an address by which limits count a client: all of an IPv4 address, the /64 of an IPv6 address.
 * @param address from the socket or the trusted proxy. An address that cannot be read is returned as it is.
 */
export function subscriberOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts.slice(0, SUBSCRIBER_GROUPS).join(':')
    : parsed.toString();
}

/** An address for a log line. Other text is replaced, because a client can write anything into `X-Forwarded-For`. */
export const printableAddress = (address: string): string =>
  ipaddr.isValid(address) ? address : 'an address that cannot be read';
