import type { PromptTurn, Quirks } from './llm-provider.js';

export interface PlacedPrompt {
  /** Empty where the instructions stand in a turn, and where there are none. */
  readonly instructions: string;
  readonly turns: readonly PromptTurn[];
}

/**
 * Where the instructions of a prompt go. A host without a role for them reads them at the head of the first user turn, and
 * then every two turns of one role are one: templates without a system role want user and assistant to alternate.
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
