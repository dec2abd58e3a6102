import ipaddr from 'ipaddr.js';
import { createHash } from 'node:crypto';

const NAME_BYTES = 16;
/** What one subscriber is given of IPv6: within it an address costs nothing (RFC 6177). */
const SUBSCRIBER_PREFIX = 4;

/**
 * One API key at one client address, as a name that says neither. It goes into job payloads and counters.
 * @param address as the socket or the trusted proxy has it.
 */
export function refusalsUnder(apiKeyId: string, address: string): string {
  return createHash('sha256')
    .update(`${apiKeyId} ${subscriberOf(address)}`)
    .digest()
    .subarray(0, NAME_BYTES)
    .toString('base64url');
}

function subscriberOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts.slice(0, SUBSCRIBER_PREFIX).join(':')
    : parsed.toString();
}
