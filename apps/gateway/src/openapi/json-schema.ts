import type { StandardSchemaConversionResult } from '@nestjs/swagger';
import { z } from 'zod';

/** Converts a schema to OpenAPI 3.1. A schema with an `id` becomes a component of that name. */
export function toJsonSchema(
  schema: unknown,
  { schemaType }: { readonly schemaType: 'input' | 'output' },
): StandardSchemaConversionResult | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    $schema: _dialect,
    $defs = {},
    id,
    ...root
  } = z.toJSONSchema(schema, {
    io: schemaType,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // A response may have more fields than its schema: `warnings`, and fields of later versions.
      if (schemaType === 'output' && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
      // The format says the same as the pattern, which is three lines long.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'uuid') {
        delete jsonSchema.pattern;
      }
    },
  });
  const components = Object.fromEntries(
    Object.entries($defs).map(([name, { id: _name, ...definition }]) => [name, definition]),
  );
  if (id === undefined) return { schema: root, components };
  return {
    schema: { $ref: `#/components/schemas/${id}` },
    components: { ...components, [id]: root },
  };
}
