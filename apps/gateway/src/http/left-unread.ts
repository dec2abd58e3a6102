const unread = new WeakMap<object, ReadonlySet<string>>();

/**
 * A schema of objects that other APIs define: `names` are ordinary fields of theirs that mean nothing here. The answer does
 * not warn of them, and strict handling does not refuse them.
 */
export function leavesUnread<Schema extends object>(
  schema: Schema,
  names: readonly string[],
): Schema {
  unread.set(schema, new Set(names));
  return schema;
}

export const unreadNamesOf = (schema: object): ReadonlySet<string> => unread.get(schema) ?? NONE;

const NONE: ReadonlySet<string> = new Set();
