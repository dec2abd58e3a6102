import type { LlmAccount, SupersessionPolicy } from '../writes/write.js';

/** Whose account classifies. `nobody`: the caller brought a model that is not used for it, and no other may see the facts. */
export type Classifier = LlmAccount | 'nobody';

/** Only on these models is the prompt known to be understood well enough to end a memory. */
const CLASSIFYING_PROVIDER = 'anthropic';

/**
 * The accounts rule (docs/api/llm.md, "Rules", rule 5).
 * @param callersProvider of the model that the caller brought; null: they brought none.
 */
export function whoseClassifier(
  { classifierAccount }: Pick<SupersessionPolicy, 'classifierAccount'>,
  callersProvider: string | null,
): Classifier {
  if (callersProvider === null || classifierAccount === 'bundled') return 'bundled';
  return callersProvider === CLASSIFYING_PROVIDER ? 'caller' : 'nobody';
}
