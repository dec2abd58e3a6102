import type { PromptTurn, Quirks } from './llm-provider.js';

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
