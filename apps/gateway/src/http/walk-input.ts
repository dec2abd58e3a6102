import { MAX_DEPTH } from './body-bounds.js';
import { endUsersInFilter } from './end-user-names.js';
import type { PassedOver } from './passed-over.js';
import type { Shapes } from './schema-shapes.js';
import { type Path, type TextVisitor, visitTexts } from './texts.js';

/** What a walk finds. `path` changes while the walk goes on: what keeps it, copies it. */
export interface InputVisitor {
  readonly text: TextVisitor;
  /** A field that the schema does not name; its name is a text like any other, what is under it is not walked, but for the end users of a filter. */
  readonly unknownField: (name: string, shapes: Shapes, path: Path) => void;
  /** A known field that counts for nothing in the object at `path`. */
  readonly passedOver: (field: PassedOver, path: Path) => void;
  /** So many items of one list; the schema looks at each of them. */
  readonly items: (count: number) => void;
  /** A value that lies too deep; it is not walked. */
  readonly tooDeep: (path: Path) => void;
}

/**
 * Walks a parsed JSON value beside the shapes of its schema: every text that the schema reads, and every field that it
 * does not know. A value of another type than the schema's is not walked: the schema refuses it.
 *
 * A list that is too long is cut to one item more than it may have. The schema refuses it for its length all the same,
 * and not each of its items as well.
 */
export function walkInput(
  value: unknown,
  shapes: Shapes,
  visitor: InputVisitor,
  path: (string | number)[] = [],
): void {
  if (typeof value === 'string') return visitor.text(value, false, path, undefined);
  if (typeof value !== 'object' || value === null) return;
  if (shapes.isFree) return visitTexts(value, visitor.text, visitor.tooDeep, MAX_DEPTH, path);
  if (Array.isArray(value)) return walkItems(value, shapes, visitor, path);
  const { fields, passesOver, unread, free } = shapes;
  if (!fields) return;
  const object = value as Readonly<Record<string, unknown>>;
  for (const field of passesOver?.(object) ?? []) visitor.passedOver(field, path);
  const anything = free?.(object) ?? [];
  for (const name of Object.keys(object)) {
    if (anything.includes(name)) {
      path.push(name);
      visitTexts(object[name], visitor.text, visitor.tooDeep, MAX_DEPTH, path);
      path.pop();
      continue;
    }
    const field = fields.get(name);
    if (!field && unread.has(name)) continue;
    if (!field) {
      visitor.text(name, true, path, undefined);
      visitor.unknownField(name, shapes, path);
      for (const inner of endUsersInFilter(name, object[name]))
        visitor.unknownField(inner.at(-1) ?? '', shapes, [...path, name, ...inner.slice(0, -1)]);
      continue;
    }
    path.push(name);
    walkInput(object[name], field, visitor, path);
    path.pop();
  }
}

function walkItems(
  list: unknown[],
  { items, maxItems }: Shapes,
  visitor: InputVisitor,
  path: (string | number)[],
): void {
  if (!items) return;
  if (list.length > maxItems) list.length = maxItems + 1;
  visitor.items(list.length);
  for (let index = 0; index < list.length; index += 1) {
    path.push(index);
    walkInput(list[index], items, visitor, path);
    path.pop();
  }
}
