import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  parseJson,
  textOf,
} from '../http/json.js';

/** The smallest value that a JSON Schema accepts, for shapes that the stand-in does not know. */
export function minimalInstance(schema: unknown, root: unknown = schema, depth = 0): unknown {
  const node = fieldsOf(schema);
  if (depth > 20) return null;
  const inner = (next: unknown): unknown => minimalInstance(next, root, depth + 1);

  if ('const' in node) return node['const'];
  if (Array.isArray(node['enum'])) return (node['enum'] as unknown[])[0] ?? null;
  const reference = textOf(node['$ref']);
  if (reference !== undefined) return inner(resolve(reference, root));
  const [choice] = [...listOf(node['anyOf']), ...listOf(node['oneOf'])];
  if (choice !== undefined) return inner(choice);
  if (Array.isArray(node['allOf'])) return inner(Object.assign({}, ...(node['allOf'] as object[])));

  switch (typeOf(node)) {
    case 'object':
      return Object.fromEntries(
        requiredOf(node).map((name) => [name, inner(fieldsOf(node['properties'])[name])]),
      );
    case 'array':
      return Array.from({ length: numberOf(node['minItems']) ?? 0 }, () => inner(node['items']));
    case 'string':
      return minimalText(node);
    case 'integer':
    case 'number':
      return minimalNumber(node);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** Each try may read to the end of the text. */
const MOST_TRIED = 50;

/** The schema that an adapter wrote into the prompt because the host has no field for it. */
export function schemaInText(text: string): Fields | undefined {
  for (const { index } of [...text.matchAll(/\{\s*"/g)].slice(0, MOST_TRIED)) {
    const value = parseJson(balanced(text, index));
    if (isFields(value) && ('properties' in value || 'type' in value)) return value;
  }
  return undefined;
}

function balanced(text: string, start: number): string {
  let depth = 0;
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (quoted && char === '\\') index += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '{') depth += 1;
    else if (!quoted && char === '}') depth -= 1;
    if (depth === 0) return text.slice(start, index + 1);
  }
  return '';
}

function resolve(reference: string, root: unknown): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => fieldsOf(node)[key], root);
}

function typeOf(node: Fields): string {
  const { type } = node;
  const first = Array.isArray(type) ? (type as unknown[])[0] : type;
  return textOf(first) ?? ('properties' in node ? 'object' : 'null');
}

function requiredOf(node: Fields): readonly string[] {
  return listOf(node['required']).filter((name) => typeof name === 'string');
}

function minimalText(node: Fields): string {
  if (node['format'] === 'date') return '1970-01-01';
  if (node['format'] === 'date-time') return '1970-01-01T00:00:00.000Z';
  return 'x'.repeat(numberOf(node['minLength']) ?? 0);
}

function minimalNumber(node: Fields): number {
  const least = numberOf(node['minimum']);
  const above = numberOf(node['exclusiveMinimum']);
  const most = numberOf(node['maximum']) ?? Number.POSITIVE_INFINITY;
  return Math.min(least ?? (above === undefined ? 0 : Math.floor(above) + 1), most);
}
