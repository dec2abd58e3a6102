/** The ways in which a provider's text may show a caller's key. */
export const KEY_ECHOES: Readonly<Record<string, (key: string) => string>> = {
  whole: (key) => key,
  masked: (key) =>
    key.length < 13 ? key : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`,
  base64: (key) => Buffer.from(key).toString('base64'),
  // In Basic auth a key stands beside other bytes, so its base64 begins at another bit.
  'base64-shifted': (key) => Buffer.from(`user:${key}`).toString('base64'),
  urlencoded: (key) => encodeURIComponent(key),
};
