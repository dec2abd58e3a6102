import { AppError } from '@app/errors';

/** One holder's bodies may be a quarter of all: four holders are needed to fill a process. */
const SHARES = 4;
const RETRY_AFTER_MS = 1_000;
const MEBIBYTE = 1024 * 1024;

/** One request's part of the bytes. */
export interface BodyHold extends Disposable {
  /** @throws AppError where a body of so many bytes would be too much at this moment. */
  expect(bytes: number): void;
  /** Counts bytes that have arrived. @throws AppError where they are too much. */
  add(bytes: number): void;
}

/**
 * How many bytes of request bodies a process holds at this moment. Bytes count from when they arrive until their request
 * is answered: a body that was read is still in memory, parsed, while its job is waited for.
 */
export class BodyBytes {
  #all = 0;
  readonly #byHolder = new Map<string, number>();

  /** @param limit of all bodies together. */
  constructor(private readonly limit: number) {}

  get held(): number {
    return this.#all;
  }

  /** @param holder the id of an API key, or whatever else has a share of its own. */
  hold(holder: string): BodyHold {
    let own = 0;
    return {
      expect: (bytes) => this.#check(holder, bytes),
      add: (bytes) => {
        this.#check(holder, bytes);
        own += bytes;
        this.#change(holder, bytes);
      },
      [Symbol.dispose]: () => {
        this.#change(holder, -own);
        own = 0;
      },
    };
  }

  #check(holder: string, bytes: number): void {
    const share = this.limit / SHARES;
    if ((this.#byHolder.get(holder) ?? 0) + bytes > share) throw tooMuchOfOne(share);
    if (this.#all + bytes > this.limit) throw tooMuchOfAll();
  }

  #change(holder: string, bytes: number): void {
    this.#all += bytes;
    const own = (this.#byHolder.get(holder) ?? 0) + bytes;
    if (own === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, own);
  }
}

const tooMuchOfOne = (share: number): AppError =>
  new AppError(
    'rate_limited',
    `The bodies of this API key's requests under way may hold ${Math.floor(share / MEBIBYTE)} MiB together. Wait until some are answered, then send this one again.`,
    { retryAfterMs: RETRY_AFTER_MS },
  );

const tooMuchOfAll = (): AppError =>
  new AppError(
    'unavailable',
    'This process holds as many bytes of requests as it may. Try again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
