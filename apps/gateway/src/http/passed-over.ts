import type { z } from 'zod';

/** A known field that counts for nothing in this body, and why. */
export interface PassedOver {
  readonly name: string;
  readonly reason: string;
}

export type FindPassedOver = (body: Readonly<Record<string, unknown>>) => readonly PassedOver[];

const finders = new WeakMap<object, FindPassedOver>();

/** A schema that takes a field and, beside another one, makes nothing of it: `find` says which, so that the answer does. */
export function passesOver<Schema extends z.core.$ZodType>(
  schema: Schema,
  find: FindPassedOver,
): Schema {
  finders.set(schema, find);
  return schema;
}

export const passedOverFinderOf = (schema: object): FindPassedOver | undefined =>
  finders.get(schema);
