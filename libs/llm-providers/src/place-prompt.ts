import type { JsonShape, PromptTurn, Quirks } from './llm-provider.js';

/**
 * The system prompt. If a shape is requested, the mode `tool` adds the name of the tool; any other mode adds a description of
 * the shape if the request holds no schema or the host ignores it.
 */
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

/** Some hosts require the word JSON in the prompt of a request for JSON. */
export function describeShape({ schema }: JsonShape): string {
  return [
    'Answer with one JSON value and nothing else: no explanation, no code fence.',
    'Fill in this JSON Schema; do not repeat it:',
    JSON.stringify(schema),
  ].join('\n');
}

interface PlacedPrompt {
  /** Empty if the instructions are in a turn, or if there are none. */
  readonly instructions: string;
  readonly turns: readonly PromptTurn[];
}

/**
 * Decides where the instructions of a prompt go. A host without a role for them gets them as the first user turn.
 * Consecutive turns of the same role are then merged, because templates without a system role require user and assistant
 * to alternate.
 */
export function placeInstructions(
  instructions: string,
  turns: readonly PromptTurn[],
  { instructionRole }: Pick<Quirks, 'instructionRole'>,
): PlacedPrompt {
  if (instructionRole !== 'user' || instructions === '') return { instructions, turns };
  const merged: PromptTurn[] = [];
  for (const { role, content } of [{ role: 'user' as const, content: instructions }, ...turns]) {
    const last = merged.at(-1);
    if (last?.role === role)
      merged[merged.length - 1] = { role, content: `${last.content}\n\n${content}` };
    else merged.push({ role, content });
  }
  return { instructions: '', turns: merged };
}

/** JSON for a prompt. It has no `<`, so that no text in it can forge a closing tag. */
export function asPromptData(value: object): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}
