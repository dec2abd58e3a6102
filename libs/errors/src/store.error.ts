/** A store did not do what it was told, and not because it is away. Whoever may not import the store can ask why. */
export abstract class StoreError extends Error {
  /** The statement was refused for a value in it, such as a NUL in a text: the same value is refused again. */
  abstract readonly isValueRefused: boolean;
}
