import type { z } from 'zod';

const readers = new WeakMap<object, (body: unknown) => unknown>();

/**
 * A schema that documents a body which is not read by it: one that is not refused as a whole where a part of it is.
 * @param read is given the parsed body. @throws AppError for one that is refused as a whole.
 */
export function readBy<Schema extends z.ZodType>(
  schema: Schema,
  read: (body: unknown) => unknown,
): Schema {
  readers.set(schema, read);
  return schema;
}

export const ownReaderOf = (schema: object): ((body: unknown) => unknown) | undefined =>
  readers.get(schema);
