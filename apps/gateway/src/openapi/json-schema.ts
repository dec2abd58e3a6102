import type { StandardSchemaConversionResult } from '@nestjs/swagger';
import { z } from 'zod';

/** One of our schemas as OpenAPI 3.1 has it. One that has an `id` becomes a component of that name. */
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
      // An answer may have more than is described, now (`warnings`) or in a later version.
      if (schemaType === 'output' && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
      // The format says it; the pattern fills three lines.
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
