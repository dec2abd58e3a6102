import type { LlmTarget } from '@app/caller-keys';
import { type ModelAccount, type ModelAccounts, withModel } from '@app/llm-providers';
import { isContent, type SkippedReason, ownerOfClassifier, type WriteClaim } from '@app/memory';

/** How the worker comes to the caller's target: in messages mode it has it already, in content mode it may be sealed. */
export interface CallersTarget {
  /** The provider that the caller brought; null: none. */
  readonly provider: string | null;
  /** @throws AppError where there is no envelope, or none that opens. */
  open(): LlmTarget | null;
}

/**
 * The account that classifies a write's facts, on the policy's model; or why none does. Whose it is follows from what the
 * caller brought and from nothing that fails: no way leads from one account to the other.
 */
export function classifierAccount(
  { request, llmAccount }: WriteClaim,
  callers: CallersTarget,
  accounts: ModelAccounts,
): ModelAccount | SkippedReason {
  const policy = request.supersession;
  if (policy === null) return 'disabled';
  const owner = ownerOfClassifier(policy, callers.provider);
  if (owner === 'none') return 'byo_llm';
  // What the gateway kept of a content write must say the same: the bundled account is for rows that name it.
  if (isContent(request) && owner !== llmAccount) return 'classifier_unavailable';
  try {
    const account =
      owner === 'bundled' ? accounts.bundled() : accounts.ofCaller(anthropic(callers.open()));
    return withModel(account, policy.classifierModel);
  } catch {
    return 'classifier_unavailable';
  }
}

/** The envelope decides where a call goes, so it is the envelope that must say so. */
function anthropic(target: LlmTarget | null): LlmTarget | null {
  return target && ownerOfClassifier({ classifierAccount: 'caller' }, target.provider) === 'caller'
    ? target
    : null;
}
