import { tryParse } from '../boundary/bounded-json.js';

type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 6;
/** A line of a list in plain text: `- Ana`, `* Ana`, `1. Ana`. */
const LIST_LINE = /^\s{0,20}(?:[-*•–]|\d{1,3}[.)])\s{1,20}(\S.*)$/u;

/**
 * Rearranges a model's value into the requested shape if it has all the parts; undefined if parts are missing. It accepts a
 * list without the object around it, an object that wraps the answer, a plain text in place of an entry, JSON in a string, and
 * a property name with other capitals or separators.
 * @param schema JSON Schema as `strictJsonSchema` makes it.
 */
export function fitShape(schema: JsonObject, value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (schema['type'] === 'array') return fitList(schema, value, depth + 1);
  if (schema['type'] === 'object') return fitObject(schema, value, depth + 1);
  return value;
}

/** Whether a value is an object that holds the list of this shape. */
export function hasShape(schema: JsonObject, value: unknown): boolean {
  const list = listPropertyOf(schema);
  return list !== undefined && isObject(value) && Array.isArray(value[list.name]);
}

/** Merges values of the same shape: lists are concatenated; of other properties the first value that is not null is kept. */
function mergeOfShape(schema: JsonObject, values: readonly unknown[]): unknown {
  const objects = values.filter(isObject);
  const names = new Set(objects.flatMap((value) => Object.keys(value)));
  return Object.fromEntries(
    [...names].map((name) => {
      const parts = objects.map((value) => value[name]);
      return isListProperty(schema, name)
        ? [name, parts.flatMap((part) => (Array.isArray(part) ? part : []))]
        : [name, parts.find((part) => part !== null && part !== undefined) ?? null];
    }),
  );
}

function fitObject(schema: JsonObject, value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    const held = parseJsonText(value);
    return held === undefined ? undefined : fitShape(schema, held, depth);
  }
  if (Array.isArray(value)) return fitEntries(schema, value, depth);
  if (!isObject(value) || isSchemaEcho(value)) return undefined;
  if (isObject(value['properties']) && value['type'] === 'object')
    return fitShape(schema, value['properties'], depth);
  return (
    fitNamed(schema, value, depth) ??
    fitOnlyEntries(schema, value, depth) ??
    fitAlike(schema, value, depth, false) ??
    fitWrapped(schema, value, depth)
  );
}

/** Fits an object whose main property has its name from the schema, in upper or lower case and with any separators. */
function fitNamed(schema: JsonObject, value: JsonObject, depth: number): unknown {
  const { known } = splitByName(schema, value);
  const main = mainPropertyOf(schema);
  if (main === undefined ? known.size === 0 : !known.has(main)) return undefined;
  return fitParts(schema, known, depth);
}

/**
 * Takes the only unknown property of the right type as the missing main property: `memories` for `facts`, `statement` for
 * `fact`. From an object without a known property, a string is taken only if the object is an entry of a list and has no
 * other property.
 * @param isListed whether the object is an entry of a list.
 */
function fitAlike(
  schema: JsonObject,
  value: JsonObject,
  depth: number,
  isListed: boolean,
): unknown {
  const main = mainPropertyOf(schema);
  if (main === undefined) return undefined;
  const { known, unknown } = splitByName(schema, value);
  const alike = unknown.filter((part) => mayStandFor(propertiesOf(schema)[main], part));
  const [part] = alike;
  if (alike.length !== 1 || part === undefined) return undefined;
  if (typeof part === 'string' && known.size === 0 && !(isListed && unknown.length === 1))
    return undefined;
  return fitParts(schema, known.set(main, part), depth);
}

/** Splits the properties of an object into those that the schema names and the others. */
function splitByName(
  schema: JsonObject,
  value: JsonObject,
): { readonly known: Map<string, unknown>; readonly unknown: readonly unknown[] } {
  const nameOf = new Map(Object.keys(propertiesOf(schema)).map((name) => [foldName(name), name]));
  const known = new Map<string, unknown>();
  const unknown: unknown[] = [];
  for (const [name, part] of Object.entries(value)) {
    const meant = nameOf.get(foldName(name));
    if (meant === undefined) unknown.push(part);
    else known.set(meant, part);
  }
  return { known, unknown };
}

/** A part that does not fit is kept unchanged, so that the schema reports its fault. */
function fitParts(
  schema: JsonObject,
  parts: ReadonlyMap<string, unknown>,
  depth: number,
): JsonObject {
  const properties = propertiesOf(schema);
  return Object.fromEntries(
    [...parts].map(([name, part]) => {
      const property = properties[name];
      return [name, (property && fitShape(property, part, depth)) ?? part];
    }),
  );
}

/** Fits one entry of the list that the object should hold, or a map of such entries: `{"1": {…}, "2": {…}}`. */
function fitOnlyEntries(schema: JsonObject, value: JsonObject, depth: number): unknown {
  const list = listPropertyOf(schema);
  if (list === undefined) return undefined;
  const items = itemsOf(list.schema);
  const one = fitNamed(items, value, depth);
  const parts = Object.values(value);
  const entries =
    one === undefined
      ? parts.map((part) => (isObject(part) ? fitNamed(items, part, depth) : undefined))
      : [one];
  return entries.length > 0 && entries.every((entry) => entry !== undefined)
    ? { [list.name]: entries }
    : undefined;
}

/**
 * Fits an object with the answer in one of its properties: `{"result": {…}}`, or a tool call that is written as text.
 * Undefined if two parts fit.
 */
function fitWrapped(schema: JsonObject, value: JsonObject, depth: number): unknown {
  const fitted = Object.values(value).flatMap((part) => {
    if (typeof part !== 'object' && typeof part !== 'string') return [];
    const held = fitShape(schema, part, depth);
    return held === undefined || (Array.isArray(part) && part.length === 0) ? [] : [held];
  });
  return fitted.length === 1 ? fitted[0] : undefined;
}

/** Fits a list in place of an object: the entries of its list, or several answers. */
function fitEntries(schema: JsonObject, values: readonly unknown[], depth: number): unknown {
  const list = listPropertyOf(schema);
  const whole = values.map((value) =>
    isObject(value) ? fitObject(schema, value, depth) : undefined,
  );
  if (whole.length > 0 && whole.every((value) => value !== undefined))
    return list === undefined && whole.length > 1 ? undefined : mergeOfShape(schema, whole);
  if (list === undefined) return undefined;
  const entries = fitList(list.schema, values, depth);
  return Array.isArray(entries) && entries.every((entry) => hasMain(itemsOf(list.schema), entry))
    ? { [list.name]: entries }
    : undefined;
}

function fitList(schema: JsonObject, value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH + 2) return undefined;
  const items = itemsOf(schema);
  if (value === null || value === '') return [];
  if (Array.isArray(value)) {
    const given = value.filter((entry) => !isNothing(entry));
    return given.map((entry) => fitItem(items, entry, depth) ?? entry);
  }
  if (typeof value === 'string') {
    const held = parseJsonText(value) ?? linesOf(value);
    return held === undefined ? undefined : fitList(schema, held, depth + 1);
  }
  if (!isObject(value)) return undefined;
  const one = items['type'] === 'object' ? fitNamed(items, value, depth) : undefined;
  if (one !== undefined) return [one];
  const parts = Object.values(value);
  const lists = parts.filter((part) => Array.isArray(part));
  // A list for each topic, or the whole answer in place of its list.
  if (lists.length > 0 && (lists.length === parts.length || lists.length === 1))
    return fitList(schema, lists.flat(), depth + 1);
  const each = parts.map((part) => fitItem(items, part, depth));
  return each.every((part) => hasMain(items, part)) ? each : undefined;
}

/** Whether an entry is empty. Some models write such entries between the others. */
const isNothing = (entry: unknown): boolean =>
  entry === null || entry === '' || (isObject(entry) && Object.keys(entry).length === 0);

/** A string in place of an entry becomes the main property of the entry: a fact without its topic. */
function fitItem(schema: JsonObject, value: unknown, depth: number): unknown {
  if (schema['type'] !== 'object') return fitShape(schema, value, depth);
  const held = typeof value === 'string' ? parseJsonText(value) : value;
  if (isObject(held))
    return (
      fitNamed(schema, held, depth) ??
      fitAlike(schema, held, depth, true) ??
      fitWrapped(schema, held, depth)
    );
  const main = mainPropertyOf(schema);
  return typeof value !== 'string' || main === undefined || isListProperty(schema, main)
    ? undefined
    : { [main]: value };
}

/** The main property of an object: its only list of objects, else its first property if that is a plain string. */
function mainPropertyOf(schema: JsonObject): string | undefined {
  const list = listPropertyOf(schema);
  if (list) return list.name;
  const [first] = Object.entries(propertiesOf(schema));
  return first?.[1]['type'] === 'string' && !('enum' in first[1]) ? first[0] : undefined;
}

function hasMain(schema: JsonObject, value: unknown): boolean {
  if (schema['type'] !== 'object') return value !== undefined;
  const main = mainPropertyOf(schema);
  return isObject(value) && (main === undefined || main in value);
}

/** The only list of objects among the properties of an object; undefined if there are several or none. A list of numbers does not count. */
function listPropertyOf(
  schema: JsonObject,
): { readonly name: string; readonly schema: JsonObject } | undefined {
  const lists = Object.entries(propertiesOf(schema)).filter(
    ([, property]) => property['type'] === 'array' && itemsOf(property)['type'] === 'object',
  );
  const [list] = lists;
  return lists.length === 1 && list ? { name: list[0], schema: list[1] } : undefined;
}

function mayStandFor(schema: JsonObject | undefined, part: unknown): boolean {
  if (schema?.['type'] === 'array') return Array.isArray(part);
  return schema?.['type'] === 'string' && typeof part === 'string';
}

const isListProperty = (schema: JsonObject, name: string): boolean =>
  propertiesOf(schema)[name]?.['type'] === 'array';

function propertiesOf(schema: JsonObject): Readonly<Record<string, JsonObject>> {
  const { properties } = schema;
  return isObject(properties) ? (properties as Record<string, JsonObject>) : {};
}

function itemsOf(schema: JsonObject): JsonObject {
  const { items } = schema;
  return isObject(items) ? items : {};
}

/** The object or list that a text holds as JSON. */
function parseJsonText(text: string): unknown {
  if (!/^\s*["[{]/.test(text)) return undefined;
  const value = tryParse(text);
  if (typeof value === 'string') return value === text ? undefined : parseJsonText(value);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** The lines of a list in plain text; undefined if a line is not an entry of a list. */
function linesOf(text: string): readonly string[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map((line) => LIST_LINE.exec(line)?.[1]?.trim());
  return lines.length > 0 && entries.every((entry) => entry !== undefined) ? entries : undefined;
}

const foldName = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a model repeated the schema in place of a value: https://github.com/getzep/graphiti/issues/868 */
export function isSchemaEcho(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('properties' in value) || !isObject(value.properties)) return false;
  // If a property is not an object, the model wrote the value into the schema, so this is more than a copy.
  const describes = Object.values(value.properties).every((property) => isObject(property));
  return describes && ('type' in value || '$schema' in value || 'required' in value);
}
