/** The forms in which a provider's answer may contain the caller's key. */
export const KEY_ECHOES: Readonly<Record<string, (key: string) => string>> = {
  whole: (key) => key,
  masked: (key) =>
    key.length < 13 ? key : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`,
  base64: (key) => Buffer.from(key).toString('base64'),
  // Basic auth encodes `user:key`. The bytes before the key shift it within the groups of base64, so its encoding differs.
  'base64-shifted': (key) => Buffer.from(`user:${key}`).toString('base64'),
  urlencoded: (key) => encodeURIComponent(key),
};
