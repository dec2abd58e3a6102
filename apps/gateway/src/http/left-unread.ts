type Fields = Readonly<Record<string, unknown>>;

/** Returns the names of the fields of an object that may hold any JSON. */
export type FindFree = (object: Fields) => readonly string[];

interface Unread {
  readonly names: ReadonlySet<string>;
  readonly free: FindFree | undefined;
}

const unread = new WeakMap<object, Unread>();

/**
 * Registers fields of other APIs that this schema accepts and ignores: no warning, and no refusal under `handling=strict`.
 * @param free finds more such fields by what the object is; the texts inside them are still checked.
 */
export function ignoreFields<Schema extends object>(
  schema: Schema,
  names: readonly string[],
  free?: FindFree,
): Schema {
  unread.set(schema, { names: new Set(names), free });
  return schema;
}

export const unreadNamesOf = (schema: object): ReadonlySet<string> =>
  unread.get(schema)?.names ?? NONE;

export const freeFinderOf = (schema: object): FindFree | undefined => unread.get(schema)?.free;

const NONE: ReadonlySet<string> = new Set();
