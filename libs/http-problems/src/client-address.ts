import ipaddr from 'ipaddr.js';

/** What one subscriber is given of IPv6: within it an address costs nothing (RFC 6177). */
const SUBSCRIBER_PREFIX = 4;

/**
 * The address that limits count by: for IPv6 its /64.
 * @param address as the socket or the trusted proxy has it; one that cannot be read is given back as it is.
 */
export function subscriberOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts.slice(0, SUBSCRIBER_PREFIX).join(':')
    : parsed.toString();
}

/** An address as a log line may have it: what a client wrote into `X-Forwarded-For` may be anything. */
export const printableAddress = (address: string): string =>
  ipaddr.isValid(address) ? address : 'an address that cannot be read';
