import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

/** Keywords that the strict subsets of OpenAI and Anthropic refuse. They are moved into the description, which the model reads. */
const CONSTRAINTS: Readonly<Record<string, string>> = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'more than',
  exclusiveMaximum: 'less than',
  multipleOf: 'a multiple of',
  minLength: 'characters at least',
  maxLength: 'characters at most',
  minItems: 'items at least',
  maxItems: 'items at most',
  pattern: 'matches',
  format: 'format',
};

const DROPPED = new Set(['$schema', 'default', 'uniqueItems', 'propertyNames', 'contentEncoding']);

/**
 * A zod schema as JSON Schema in the subset that every provider accepts: objects are closed, every key is required, limits are
 * described in words. Optional keys become required as well: use `nullable()` for a value that the model may not have.
 */
export function strictJsonSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const made = madeFor.get(schema);
  if (made) return made;
  const options = { io: 'input', unrepresentable: 'any', reused: 'inline' } as const;
  const strictSchema = strict(z.toJSONSchema(schema, options));
  madeFor.set(schema, strictSchema);
  return strictSchema;
}

/** The converted schemas: each prompt has one constant schema, and converting it takes as long as building the request. */
const madeFor = new WeakMap<z.ZodType, Readonly<Record<string, unknown>>>();

function strict(node: unknown): Record<string, unknown> {
  const given = isObject(node) ? node : {};
  const kept = Object.entries(given).flatMap(([name, value]): [string, unknown][] => {
    if (DROPPED.has(name) || name in CONSTRAINTS) return [];
    if (name === 'properties' || name === '$defs') return [[name, mapValues(value, strict)]];
    if (name === 'oneOf') return [['anyOf', mapItems(value)]];
    if (name === 'anyOf' || name === 'allOf') return [[name, mapItems(value)]];
    if (name === 'items') return [[name, strict(value)]];
    return [[name, value]];
  });
  const limits = limitsOf(given);
  const description = [given['description'], limits]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(' ');
  return {
    ...Object.fromEntries(kept),
    ...(description !== '' && { description }),
    ...(isObject(given['properties']) && {
      required: Object.keys(given['properties']),
      additionalProperties: false,
    }),
  };
}

function limitsOf(node: Json): string {
  const limits = Object.entries(CONSTRAINTS).flatMap(([name, words]) => {
    const value = node[name];
    // zod adds the bounds of safe integers to every integer.
    return value === undefined || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
      ? []
      : [`${words} ${JSON.stringify(value)}`];
  });
  return limits.length === 0 ? '' : `(${limits.join(', ')})`;
}

const mapItems = (list: unknown): unknown[] => (Array.isArray(list) ? list.map(strict) : []);

const mapValues = (held: unknown, change: (value: unknown) => unknown): Json =>
  isObject(held)
    ? Object.fromEntries(Object.entries(held).map(([name, value]) => [name, change(value)]))
    : {};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
