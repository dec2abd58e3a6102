import type { z } from 'zod';

import type { Fault } from './faults.js';
import { endUsersInFilter, namesAnEndUser } from './field-names.js';
import { type PassedOver, type Shapes, shapesOf } from './schema-shapes.js';
import { MAX_DEPTH, type Path, placeOf, textFault, type TextVisitor, visitTexts } from './texts.js';
import { UnknownFields } from './unknown-fields.js';

/** As many as a refusal names. */
const MAX_FAULTS = 100;

/** Findings about a request's body, or a part of it, that its schema cannot make. */
export interface Findings {
  /** Texts that cannot be kept. */
  readonly texts: readonly Fault[];
  readonly unknown: UnknownFields;
  /** Of all lists together, as many as the schema looks at. */
  readonly itemCount: number;
}

/**
 * Everything in a parsed body that its schema does not look at.
 * @param holdsKey whether a name holds a key of the body's `llm`.
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
      // A strict schema refuses it by itself; only of an end user's name it does not know what to say.
      if (!isStrict || namesAnEndUser(name)) unknown.add(path, name, fields);
    },
    passedOver: ({ name, reason }, path) => unknown.addPassedOver(path, name, reason),
    items: (count) => {
      itemCount += count;
    },
    tooDeep: () => {
      isTooDeep = true;
    },
  });
  // One fault, at the root: the place itself is a path of more than sixty names.
  if (isTooDeep) return { texts: [{ path: [], message: TOO_DEEP }], unknown, itemCount };
  return { texts, unknown, itemCount };
}

const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels`;
const NONE: ReadonlyMap<string, unknown> = new Map();

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
