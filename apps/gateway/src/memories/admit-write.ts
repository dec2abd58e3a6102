import type { LlmTarget } from '@app/caller-keys';
import { isContent, type LlmAccount, whoseClassifier, type WriteRequest } from '@app/memory';

import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { TargetGate } from '../llm/target-gate.js';

export interface AdmittedWrite {
  readonly llmAccount: LlmAccount;
  /** What has to be sealed into the write's job: nothing, where no call can need it. */
  readonly sealed: LlmTarget | undefined;
}

/**
 * Whose model account a write may use. What is given word for word is never refused for want of a model.
 * @throws AppError what TargetGate does.
 */
export async function admitWrite(
  gate: Pick<TargetGate, 'admit'>,
  caller: AuthenticatedCaller,
  request: WriteRequest,
  target: LlmTarget | undefined,
): Promise<AdmittedWrite> {
  if (!isContent(request)) return { llmAccount: await gate.admit(target, caller), sealed: target };
  if (target) await gate.admit(target, caller);
  const { supersession } = request;
  const classifier = supersession && whoseClassifier(supersession, target?.provider ?? null);
  return {
    llmAccount: target && classifier !== 'bundled' ? 'caller' : 'bundled',
    sealed: classifier === 'caller' ? target : undefined,
  };
}
