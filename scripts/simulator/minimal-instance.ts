import {
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  parseJson,
  textOf,
  type Fields,
} from './http/json.js';

const MAX_DEPTH = 20;

/** The smallest value that a JSON Schema accepts. The stand-in model answers with it if it has no rule for the schema. */
export function minimalInstance(schema: unknown, root: unknown = schema, depth = 0): unknown {
  const node = fieldsOf(schema);
  if (depth > MAX_DEPTH) return null;
  const inner = (next: unknown): unknown => minimalInstance(next, root, depth + 1);
  if ('const' in node) return node['const'];
  if (Array.isArray(node['enum'])) return (node['enum'] as unknown[])[0] ?? null;
  const path = textOf(node['$ref'])?.split('/').slice(1);
  if (path) return inner(path.reduce<unknown>((at, key) => fieldsOf(at)[key], root));
  const [choice] = [...listOf(node['anyOf']), ...listOf(node['oneOf'])];
  if (choice !== undefined) return inner(choice);
  if (Array.isArray(node['allOf'])) return inner(Object.assign({}, ...(node['allOf'] as object[])));
  switch ([node['type']].flat()[0] ?? ('properties' in node ? 'object' : 'null')) {
    case 'object':
      return Object.fromEntries(
        listOf(node['required'])
          .filter((name) => typeof name === 'string')
          .map((name) => [name, inner(fieldsOf(node['properties'])[name])]),
      );
    case 'array':
      return Array.from({ length: numberOf(node['minItems']) ?? 0 }, () => inner(node['items']));
    case 'string':
      if (node['format'] === 'date') return '1970-01-01';
      if (node['format'] === 'date-time') return '1970-01-01T00:00:00.000Z';
      return 'x'.repeat(numberOf(node['minLength']) ?? 0);
    case 'integer':
    case 'number':
      return minimalNumber(node);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function minimalNumber(node: Fields): number {
  const above = numberOf(node['exclusiveMinimum']);
  const least = numberOf(node['minimum']) ?? (above === undefined ? 0 : Math.floor(above) + 1);
  return Math.min(least, numberOf(node['maximum']) ?? least);
}

/** Finds the schema that an adapter wrote into the prompt, because the host has no field for a schema. */
export function schemaInText(text: string): Fields | undefined {
  const end = text.lastIndexOf('}') + 1;
  return [...text.matchAll(/\{\s*"/g)]
    .slice(0, 50)
    .map(({ index }) => parseJson(text.slice(index, end)))
    .filter(isFields)
    .find((value) => 'properties' in value || 'type' in value);
}
