type Fields = Readonly<Record<string, unknown>>;

/** The names of fields of one object in which anything may stand. */
export type FindFree = (object: Fields) => readonly string[];

interface Unread {
  readonly names: ReadonlySet<string>;
  readonly free: FindFree | undefined;
}

const unread = new WeakMap<object, Unread>();

/**
 * A schema of objects that other APIs define: `names` are ordinary fields of theirs that mean nothing here. The answer does
 * not warn of them, and strict handling does not refuse them.
 * @param free finds more such fields by what the object is; a text in one of them is still looked at.
 */
export function leavesUnread<Schema extends object>(
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
