import type { JsonShape, Quirks } from './llm-provider.js';

/** The system prompt: where the provider cannot be given a schema, or passes over it, the model is told it. */
export function systemFor(
  system: string,
  shape: JsonShape | undefined,
  { outputMode: mode, tellsShape }: Pick<Quirks, 'outputMode' | 'tellsShape'>,
): string {
  if (shape === undefined || (mode === 'json_schema' && !tellsShape)) return system;
  const asked =
    mode === 'tool' ? `Answer by calling the tool ${shape.name}.` : describeShape(shape);
  return [system, asked].filter(Boolean).join('\n\n');
}

/** Some hosts want to read the word JSON before they let a model write it. */
export function describeShape({ schema }: JsonShape): string {
  return [
    'Answer with one JSON value and nothing else: no explanation, no code fence.',
    'Fill in this JSON Schema; do not repeat it:',
    JSON.stringify(schema),
  ].join('\n');
}
