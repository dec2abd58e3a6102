import type { z } from 'zod';

import type { BodyBounds } from './request-body.js';
import type { UnknownFields } from './unknown-fields.js';

/** The value that a schema's own reader returns for a body. */
export interface ReadBody {
  readonly value: unknown;
  /** The fields that it passed over. */
  readonly unknown: UnknownFields;
}

/** Reads a body that is not read by its schema: one that is not refused as a whole where a part of it is. */
export interface BodyReader {
  /** @param isStrict whether a part with a field that is not known is refused. @throws AppError for a body that is refused as a whole. */
  readonly read: (body: unknown, isStrict: boolean) => Promise<ReadBody>;
  readonly bounds: BodyBounds;
}

const readers = new WeakMap<object, BodyReader>();

/** The schema documents a body that `reader` reads. */
export function readBy<Schema extends z.ZodType>(schema: Schema, reader: BodyReader): Schema {
  readers.set(schema, reader);
  return schema;
}

export const ownReaderOf = (schema: object): BodyReader | undefined => readers.get(schema);
