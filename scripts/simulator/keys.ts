/** Which keys the simulator takes for wrong: those that say so of themselves, so that a 401 can be seen with any model. */
export function isBadKey(key: string): boolean {
  return /(?:^|[-_])(?:bad|wrong|invalid|revoked)(?:[-_]|$)/i.test(key);
}
