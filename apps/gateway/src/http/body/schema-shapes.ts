import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** The field names and list items that a schema allows. */
export interface Shapes {
  /** Any name and value is allowed: a record, `unknown`, a loose object. */
  readonly isFree: boolean;
  /** The fields of all object alternatives together; undefined if the schema takes no object. */
  readonly fields: ReadonlyMap<string, Shapes> | undefined;
  /** Names of fields that are accepted and ignored. Their values are not checked. */
  readonly unread: ReadonlySet<string>;
  /** Finds the fields of an object that may hold any JSON. */
  readonly free: FindFree | undefined;
  /** Undefined if the schema takes no list. */
  readonly items: Shapes | undefined;
  /** Longest list, if every alternative has a limit; else Infinity. */
  readonly maxItems: number;
  /** Finds the known fields of an object that have no effect beside its other fields. */
  readonly findWithoutEffect: FindWithoutEffect | undefined;
  /** The schema itself refuses unknown names. */
  readonly isStrict: boolean;
}

/** The part of zod's schema definitions that is used here. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly out?: Schema;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly checks?: readonly { readonly _zod: { readonly def: object } }[];
}

const known = new WeakMap<Schema, Shapes>();

/** The shapes of a schema, looking through wrappers, refinements and transformations. Cached per schema. */
export function shapesOf(schema: Schema): Shapes {
  const found = known.get(schema);
  if (found) return found;
  const shapes = joined(alternativesOf(schema));
  known.set(schema, shapes);
  return shapes;
}

const definitionOf = (schema: Schema): Definition => schema._zod.def;

/** The members of a union; for any other schema, the one schema that describes the value as it is sent. */
function alternativesOf(schema: Schema): readonly Schema[] {
  const { type, innerType, in: before, out, options } = definitionOf(schema);
  if (options) return options.flatMap(alternativesOf);
  if (innerType) return alternativesOf(innerType);
  // `preprocess` begins with a transformation, which does not describe its input.
  if (type === 'pipe' && before && out)
    return alternativesOf(definitionOf(before).type === 'transform' ? out : before);
  return [schema];
}

function joined(schemas: readonly Schema[]): Shapes {
  const definitions = schemas.map(definitionOf);
  const objects = definitions.filter(({ type }) => type === 'object');
  const lists = definitions.flatMap((definition) =>
    definition.type === 'array' && definition.element ? [definition] : [],
  );
  const fields = new Map<string, Schema[]>();
  for (const { shape = {} } of objects)
    for (const [name, field] of Object.entries(shape))
      fields.set(name, [...(fields.get(name) ?? []), field]);
  return {
    findWithoutEffect: schemas.map(withoutEffectFinderOf).find((finder) => finder !== undefined),
    isFree: definitions.some(isFree),
    free: schemas.map(freeFinderOf).find((finder) => finder !== undefined),
    unread: new Set(schemas.flatMap((schema) => [...unreadNamesOf(schema)])),
    fields:
      objects.length === 0
        ? undefined
        : new Map([...fields].map(([name, ofName]) => [name, shapesOfAny(ofName)])),
    items: lists.length === 0 ? undefined : shapesOfAny(lists.map(({ element }) => element!)),
    maxItems: Math.max(...lists.map(maxItemsOf)),
    isStrict: objects.some(({ catchall }) => catchall && definitionOf(catchall).type === 'never'),
  };
}

function shapesOfAny(schemas: readonly Schema[]): Shapes {
  const [only] = schemas;
  return only && schemas.length === 1 ? shapesOf(only) : joined(schemas.flatMap(alternativesOf));
}

const isFree = ({ type, catchall }: Definition): boolean =>
  ['record', 'unknown', 'any'].includes(type) ||
  (catchall !== undefined && definitionOf(catchall).type !== 'never');

function maxItemsOf({ checks = [] }: Definition): number {
  const bounds = checks.flatMap(({ _zod: { def } }) => {
    const { check, maximum } = def as { readonly check?: string; readonly maximum?: number };
    return check === 'max_length' && maximum !== undefined ? [maximum] : [];
  });
  return Math.min(Infinity, ...bounds);
}

type Fields = Readonly<Record<string, unknown>>;

/** Returns the names of an object's fields that may hold any JSON. */
export type FindFree = (object: Fields) => readonly string[];

interface Unread {
  readonly names: ReadonlySet<string>;
  readonly free: FindFree | undefined;
}

const unread = new WeakMap<object, Unread>();

/**
 * Registers fields of other APIs that this schema accepts and ignores: no warning, and no refusal under `handling=strict`.
 * @param free finds the fields of one object that may hold any JSON. They are known fields, and their texts are checked.
 */
export function ignoreFields<Registered extends object>(
  schema: Registered,
  names: readonly string[],
  free?: FindFree,
): Registered {
  unread.set(schema, { names: new Set(names), free });
  return schema;
}

export const unreadNamesOf = (schema: object): ReadonlySet<string> =>
  unread.get(schema)?.names ?? NONE;

export const freeFinderOf = (schema: object): FindFree | undefined => unread.get(schema)?.free;

const NONE: ReadonlySet<string> = new Set();

/** A known field that has no effect in this body, and the reason. */
export interface FieldWithoutEffect {
  readonly name: string;
  readonly reason: string;
}

export type FindWithoutEffect = (body: Fields) => readonly FieldWithoutEffect[];

const finders = new WeakMap<object, FindWithoutEffect>();

/** Registers how to find fields that this schema accepts but that have no effect. Each becomes a warning. */
export function warnWithoutEffect<Registered extends z.core.$ZodType>(
  schema: Registered,
  find: FindWithoutEffect,
): Registered {
  finders.set(schema, find);
  return schema;
}

export const withoutEffectFinderOf = (schema: object): FindWithoutEffect | undefined =>
  finders.get(schema);
