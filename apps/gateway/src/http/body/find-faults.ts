import type { z } from 'zod';

import type { Fault } from './faults.js';
import { endUsersInFilter, namesAnEndUser } from './field-names.js';
import { type FieldWithoutEffect, type Shapes, shapesOf } from './schema-shapes.js';
import { MAX_DEPTH, type Path, placeOf, textFault, type TextVisitor, visitTexts } from './texts.js';
import { UnknownFields } from './unknown-fields.js';

/** The most faults that one error lists. */
const MAX_FAULTS = 100;

/** Findings about a body, or a part of it, that its schema does not report. */
export interface Findings {
  /** Texts that cannot be stored. */
  readonly texts: readonly Fault[];
  readonly unknown: UnknownFields;
  /** Number of list items that the schema will parse, in all lists together. */
  readonly itemCount: number;
}

/**
 * Checks everything in a parsed body that its schema does not.
 * @param holdsKey whether a name contains a key of the body's `llm`.
 */
export function findFaults(
  body: unknown,
  schema: z.core.$ZodType,
  holdsKey: (name: string) => boolean,
): Findings {
  const texts: Fault[] = [];
  const unknown = new UnknownFields(holdsKey);
  let isTooDeep = false;
  let itemCount = 0;
  walkInput(body, shapesOf(schema), {
    text: (text, isName, path, step) => {
      const message = textFault(text, isName);
      if (message !== undefined && texts.length < MAX_FAULTS)
        texts.push({ path: placeOf(isName, path, step), message });
    },
    unknownField: (name, { fields = NONE, isStrict }, path) => {
      // A strict schema refuses it by itself, but without the hint for a name of an end user.
      if (!isStrict || namesAnEndUser(name)) unknown.add(path, name, fields);
    },
    withoutEffect: ({ name, reason }, path) => unknown.addWithoutEffect(path, name, reason),
    items: (count) => {
      itemCount += count;
    },
    tooDeep: () => {
      isTooDeep = true;
    },
  });
  // Report one fault at the root: the full path would have more than sixty names.
  if (isTooDeep) return { texts: [{ path: [], message: TOO_DEEP }], unknown, itemCount };
  return { texts, unknown, itemCount };
}

const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels`;
const NONE: ReadonlyMap<string, unknown> = new Map();

/** Callbacks of a walk. `path` is one array that changes during the walk: copy it to keep it. */
export interface InputVisitor {
  readonly text: TextVisitor;
  /** A field that is not in the schema. Its value is not walked, except for names of end users in a filter. */
  readonly unknownField: (name: string, shapes: Shapes, path: Path) => void;
  /** A known field that has no effect in the object at `path`. */
  readonly withoutEffect: (field: FieldWithoutEffect, path: Path) => void;
  /** The number of items in one list. */
  readonly items: (count: number) => void;
  /** A value that is nested deeper than the maximum. It is not walked. */
  readonly tooDeep: (path: Path) => void;
}

/**
 * Walks a parsed JSON value along the shapes of its schema, and visits every text that the schema reads and every unknown
 * field. A value of the wrong type is not walked: the schema refuses it.
 *
 * A list that is too long is cut to one item more than allowed. The schema still refuses its length, but does not check
 * every item.
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
  const { fields, findWithoutEffect, unread, free } = shapes;
  if (!fields) return;
  const object = value as Readonly<Record<string, unknown>>;
  for (const field of findWithoutEffect?.(object) ?? []) visitor.withoutEffect(field, path);
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
