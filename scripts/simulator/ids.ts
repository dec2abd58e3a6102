const HEX = '0123456789abcdef';
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export function hex(length: number): string {
  return pick(HEX, length);
}

export function base58(length: number): string {
  return pick(BASE58, length);
}

/** `Math.random` is enough, because the ids need not be secret. `node:crypto` would take a tenth of an answer's time. */
function pick(alphabet: string, length: number): string {
  let id = '';
  while (id.length < length) id += alphabet[Math.floor(Math.random() * alphabet.length)];
  return id;
}
