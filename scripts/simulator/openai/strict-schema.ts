import { type Fields, fieldsOf, isFields, listOf, textOf } from '../http/json.js';

/**
 * The message with which OpenAI's strict mode refuses a schema; undefined if it accepts the schema.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchemaFault(schema: unknown): string | undefined {
  const root = fieldsOf(schema);
  if (root['type'] !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${textOf(root['type']) ?? 'None'}"'.`;
  }
  return faultIn(root, []);
}

function faultIn(node: Fields, path: readonly string[]): string | undefined {
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}${path.length === 1 ? ',' : ''})`;
  if (node['type'] === 'object' || 'properties' in node) {
    if (node['additionalProperties'] !== false) {
      return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = listOf(node['required']);
    const missing = Object.keys(fieldsOf(node['properties'])).find(
      (name) => !required.includes(name),
    );
    if (missing !== undefined) {
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  if (node['type'] === 'array' && !isFields(node['items']))
    return `${context}, array schema missing items.`;
  for (const [step, child] of childrenOf(node)) {
    const fault = faultIn(child, [...path, ...step]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Every schema directly inside a schema, with the path that OpenAI's messages show for it. */
export function childrenOf(node: Fields): readonly (readonly [readonly string[], Fields])[] {
  const named = ['properties', '$defs', 'definitions'].flatMap((group) =>
    Object.entries(fieldsOf(node[group])).map(([name, child]) => [[group, name], child] as const),
  );
  const listed = ['anyOf', 'allOf', 'oneOf'].flatMap((group) =>
    listOf(node[group]).map((child, index) => [[group, String(index)], child] as const),
  );
  return [...named, ...listed, [['items'], node['items']] as const].flatMap(([path, child]) =>
    isFields(child) ? [[path, child] as const] : [],
  );
}
