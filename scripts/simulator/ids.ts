const HEX = '0123456789abcdef';
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export function hex(length: number): string {
  return pick(HEX, length);
}

export function base58(length: number): string {
  return pick(BASE58, length);
}

/** These ids only have to look right and differ: good randomness would be a tenth of an answer's time. */
function pick(alphabet: string, length: number): string {
  let id = '';
  while (id.length < length) id += alphabet[Math.floor(Math.random() * alphabet.length)];
  return id;
}
