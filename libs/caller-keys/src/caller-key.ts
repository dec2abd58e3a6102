import { inspect } from 'node:util';

const HIDDEN = '[caller key]';

/** A provider key that does not print, serialise or inspect. Only `reveal()` gives it away, and few may call it. */
export class CallerKey {
  readonly #key: string;

  /** @throws TypeError for an empty key: an SDK that is given none reads one from the environment. */
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
