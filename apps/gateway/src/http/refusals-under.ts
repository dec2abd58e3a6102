import { subscriberOf } from '@app/http-problems';
import { createHash } from 'node:crypto';

const NAME_BYTES = 16;

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
