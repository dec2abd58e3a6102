import { inspect } from 'node:util';

/**
 * A shorter key occurs in ordinary text by chance, so it is neither searched for in a request nor removed from an answer.
 * Any other key is recognised by each of its parts that has this many characters.
 */
export const MIN_KEY_CHARACTERS = 12;

const HIDDEN = '[caller key]';

/** A provider key that printing, serialising and inspecting do not show. Only `reveal()` returns it. */
export class CallerKey {
  readonly #key: string;

  /** @throws TypeError for an empty key, because an SDK without a key reads one from the environment */
  constructor(key: string) {
    if (key === '') throw new TypeError('A caller key cannot be empty.');
    this.#key = key;
  }

  reveal(): string {
    return this.#key;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
