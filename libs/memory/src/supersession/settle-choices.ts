import type { SupersessionPolicy } from '../writes/write.js';
import { chooseSupersession } from './choose-supersession.js';
import type { Choice, Comparison } from './comparison.js';

/** A new memory, and what it was compared with. */
export interface ComparedMemory {
  readonly memoryId: string;
  readonly validFrom: Date;
  readonly comparison: Comparison;
}

/**
 * The choice of each new memory of one write, by its id. Of two that would supersede the same memory the first does: a
 * memory has one successor.
 */
export function settleChoices(
  compared: readonly ComparedMemory[],
  policy: SupersessionPolicy,
): ReadonlyMap<string, Choice> {
  const taken = new Set<string>();
  const choices = new Map<string, Choice>();
  for (const { memoryId, validFrom, comparison } of compared) {
    if ('skipped' in comparison) continue;
    const choice = chooseSupersession(comparison, validFrom, policy);
    if (choice === undefined) continue;
    const isTaken = choice.reason === 'applied' && taken.has(choice.candidateId);
    choices.set(memoryId, isTaken ? { ...choice, reason: 'no_longer_current' } : choice);
    if (choice.reason === 'applied') taken.add(choice.candidateId);
  }
  return choices;
}
