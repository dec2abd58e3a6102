/** Whether the simulator refuses a key with 401: a key with the word `bad`, `wrong`, `invalid` or `revoked` in it. */
export function isBadKey(key: string): boolean {
  return /(?:^|[-_])(?:bad|wrong|invalid|revoked)(?:[-_]|$)/i.test(key);
}
