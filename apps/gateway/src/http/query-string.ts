import { AppError } from '@app/errors';
import type { z } from 'zod';

import { type Fault, refusalOf } from './faults.js';
import { shapesOf } from './schema-shapes.js';
import { UnknownFields } from './unknown-fields.js';

/** More than a list may have of its sources, and far from what a schema's look at each of them costs. */
const MAX_PARAMETERS = 250;
const MAX_NAME_CHARACTERS = 300;

/**
 * Looks at the names of a query string's parameters, which no schema does.
 * @param holdsKey whether a name holds a key of the `llm` in the request's body.
 * @returns those that are not known.
 * @throws AppError `invalid_request` for too many, and for one that is given twice where the schema takes one.
 */
export function readParameters(
  query: unknown,
  schema: z.core.$ZodType,
  holdsKey: (name: string) => boolean,
): UnknownFields {
  const entries = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>);
  const values = entries.flatMap(([, value]) => value);
  if (values.length > MAX_PARAMETERS || entries.some(([name]) => name.length > MAX_NAME_CHARACTERS))
    throw new AppError('invalid_request', `The query string ${TOO_MUCH}.`, {
      faults: [{ path: '', message: TOO_MUCH }],
    });
  const { fields = new Map() } = shapesOf(schema);
  const unknown = new UnknownFields(holdsKey);
  const faults: Fault[] = [];
  for (const [name, value] of entries) {
    // `metadata[k]=v` is a property of the object `metadata`.
    const [field = name] = name.split('[', 1);
    const shapes = fields.get(name) ?? (fields.get(field)?.isFree ? fields.get(field) : undefined);
    if (!shapes) unknown.add([], name, fields);
    else if (Array.isArray(value) && !shapes.items && !shapes.isFree)
      faults.push({ path: [name], message: 'must be given once' });
  }
  if (faults.length > 0) throw refusalOf(faults);
  return unknown;
}

const TOO_MUCH = `must have at most ${MAX_PARAMETERS} parameters with names of at most ${MAX_NAME_CHARACTERS} characters`;
