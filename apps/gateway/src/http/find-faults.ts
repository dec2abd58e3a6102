import type { z } from 'zod';

import { MAX_DEPTH } from './body-bounds.js';
import { namesAnEndUser } from './end-user-names.js';
import type { Fault } from './faults.js';
import { shapesOf } from './schema-shapes.js';
import { placeOf, textFault } from './texts.js';
import { UnknownFields } from './unknown-fields.js';
import { walkInput } from './walk-input.js';

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
