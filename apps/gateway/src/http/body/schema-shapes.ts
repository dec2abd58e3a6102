import type { z } from 'zod';

type AnySchema = z.core.$ZodType;

/** What a schema lets a value be, as far as the names and the items of it go. */
export interface Shapes {
  /** Any names and any values: a record, `unknown`, a loose object. */
  readonly isFree: boolean;
  /** The fields of an object, of all its alternatives together; undefined where it may be none. */
  readonly fields: ReadonlyMap<string, Shapes> | undefined;
  /** Names that are taken and not read; what is under them is not looked at. */
  readonly unread: ReadonlySet<string>;
  /** Finds the fields of an object in which anything may stand. */
  readonly free: FindFree | undefined;
  /** Undefined where it may be no list. */
  readonly items: Shapes | undefined;
  /** Of a list, where every alternative bounds it. */
  readonly maxItems: number;
  /** Finds the fields of an object that are known, and count for nothing beside others. */
  readonly passesOver: FindPassedOver | undefined;
  /** Unknown names are an error of the schema's own. */
  readonly isStrict: boolean;
}

/** As much of zod's definitions as ours use. */
interface Definition {
  readonly type: string;
  readonly innerType?: AnySchema;
  readonly in?: AnySchema;
  readonly out?: AnySchema;
  readonly options?: readonly AnySchema[];
  readonly element?: AnySchema;
  readonly shape?: Readonly<Record<string, AnySchema>>;
  readonly catchall?: AnySchema;
  readonly checks?: readonly { readonly _zod: { readonly def: object } }[];
}

const known = new WeakMap<AnySchema, Shapes>();

/** The shapes of what a schema reads, found once for each schema: what wraps, refines or transforms it is looked through. */
export function shapesOf(schema: AnySchema): Shapes {
  const found = known.get(schema);
  if (found) return found;
  const shapes = joined(alternativesOf(schema));
  known.set(schema, shapes);
  return shapes;
}

const definitionOf = (schema: AnySchema): Definition => schema._zod.def;

/** A union's members, and of everything else the one schema that says what a value looks like as it is sent. */
function alternativesOf(schema: AnySchema): readonly AnySchema[] {
  const { type, innerType, in: before, out, options } = definitionOf(schema);
  if (options) return options.flatMap(alternativesOf);
  if (innerType) return alternativesOf(innerType);
  // `preprocess` begins with a transformation, which says nothing of what it takes.
  if (type === 'pipe' && before && out)
    return alternativesOf(definitionOf(before).type === 'transform' ? out : before);
  return [schema];
}

function joined(schemas: readonly AnySchema[]): Shapes {
  const definitions = schemas.map(definitionOf);
  const objects = definitions.filter(({ type }) => type === 'object');
  const lists = definitions.flatMap((definition) =>
    definition.type === 'array' && definition.element ? [definition] : [],
  );
  const fields = new Map<string, AnySchema[]>();
  for (const { shape = {} } of objects)
    for (const [name, field] of Object.entries(shape))
      fields.set(name, [...(fields.get(name) ?? []), field]);
  return {
    passesOver: schemas.map(passedOverFinderOf).find((finder) => finder !== undefined),
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

function shapesOfAny(schemas: readonly AnySchema[]): Shapes {
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

/** A known field that counts for nothing in this body, and why. */
export interface PassedOver {
  readonly name: string;
  readonly reason: string;
}

export type FindPassedOver = (body: Readonly<Record<string, unknown>>) => readonly PassedOver[];

const finders = new WeakMap<object, FindPassedOver>();

/** A schema that takes a field and, beside another one, makes nothing of it: `find` says which, so that the answer does. */
export function passesOver<Schema extends z.core.$ZodType>(
  schema: Schema,
  find: FindPassedOver,
): Schema {
  finders.set(schema, find);
  return schema;
}

export const passedOverFinderOf = (schema: object): FindPassedOver | undefined =>
  finders.get(schema);
