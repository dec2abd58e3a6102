import type { LlmTarget } from '@app/caller-keys';
import { type ModelAccount, type ModelAccounts, withModel } from '@app/llm-providers';
import { isContent, type SkippedReason, ownerOfClassifier, type WriteClaim } from '@app/memory';

/** The caller's target, which is opened only if the caller's account classifies. */
export interface CallerTarget {
  /** The provider that the caller named. Null: the caller sent no `llm`. */
  readonly provider: string | null;
  /** @throws AppError when the envelope is missing or cannot be opened. */
  open(): LlmTarget | null;
}

/**
 * Chooses the account that classifies a write's facts, on the policy's model, or gives the reason why none does. The choice
 * depends only on the policy and the caller's provider. A failure never moves the work to the other account.
 */
export function classifierAccount(
  { request, llmAccount }: WriteClaim,
  callers: CallerTarget,
  accounts: ModelAccounts,
): ModelAccount | SkippedReason {
  const policy = request.supersession;
  if (policy === null) return 'disabled';
  const owner = ownerOfClassifier(policy, callers.provider);
  if (owner === 'none') return 'byo_llm';
  // The row of a content write must name the same account: the bundled account works only for rows that name it.
  if (isContent(request) && owner !== llmAccount) return 'classifier_unavailable';
  try {
    const account =
      owner === 'bundled' ? accounts.bundled() : accounts.ofCaller(ifClassifying(callers.open()));
    return withModel(account, policy.classifierModel);
  } catch {
    return 'classifier_unavailable';
  }
}

/** Checks the provider once more, in the envelope, because the envelope decides where the call goes. */
function ifClassifying(target: LlmTarget | null): LlmTarget | null {
  return target && ownerOfClassifier({ classifierAccount: 'caller' }, target.provider) === 'caller'
    ? target
    : null;
}
