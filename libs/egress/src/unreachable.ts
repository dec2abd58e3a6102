/**
 * A name that does not resolve, whose name server is silent, or that leads to a refused address. All of them look the
 * same to the caller: a difference would tell which names lead inside.
 */
export class Unreachable extends Error {
  readonly code = 'ENOTFOUND';

  constructor() {
    super('getaddrinfo ENOTFOUND');
  }
}
