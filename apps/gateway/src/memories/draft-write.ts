import type { Settings } from '@app/accounts';
import type { LlmTarget } from '@app/caller-keys';
import {
  isContent,
  type LlmAccount,
  type NewWrite,
  type SupersessionPolicy,
  ownerOfClassifier,
  type WriteRequest,
} from '@app/memory';

import type { DraftedWrite } from '../dispatch/dispatcher.js';
import { currentRequestId } from '../dispatch/job-payloads.js';
import { askerOf, refuseOtherTenants } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import { auditOf, type TargetGate } from '../llm/target-gate.js';
import type { Remember } from './remember.schemas.js';

/** A request body with the settings of the API key applied. */
export function writeRequestOf(
  caller: AuthenticatedCaller,
  { write, autoSupersede }: Remember,
): WriteRequest {
  refuseOtherTenants(caller, write.tenantId);
  return { ...write, supersession: supersessionPolicy(autoSupersede, caller.settings) };
}

/**
 * Turns a request into a row and the target to seal into its job.
 * @throws AppError the reason why the caller may not use this target.
 */
export async function draftWrite(
  gate: Pick<TargetGate, 'admit'>,
  caller: AuthenticatedCaller,
  { request, target }: { readonly request: WriteRequest; readonly target: LlmTarget | undefined },
  rest: Pick<NewWrite, 'id' | 'waiting' | 'deadlineAt'>,
): Promise<DraftedWrite> {
  const { llmAccount, sealed } = await admitWrite(gate, caller, request, target);
  const write = {
    ...rest,
    asker: askerOf(caller),
    request,
    writesPerMonth: caller.tier.writesPerMonth,
    llmAccount,
    audit: target ? auditOf(target) : null,
    requestId: currentRequestId(),
  };
  return { write, sealed };
}

/** @param asked the `auto_supersede` of the body; undefined: the settings decide. @returns null: no supersession. */
function supersessionPolicy(
  asked: boolean | undefined,
  settings: Settings,
): SupersessionPolicy | null {
  if (!(asked ?? settings.autoSupersedeDefault)) return null;
  const { excludedCategories, minConfidence, classifierModel, classifierAccount } = settings;
  return { excludedCategories, minConfidence, classifierModel, classifierAccount };
}

/**
 * Decides which model account a write may use, and whether its job needs the caller's key.
 * Content mode works without any model: the fact is stored as it is, and only the classifier needs a model.
 */
async function admitWrite(
  gate: Pick<TargetGate, 'admit'>,
  caller: AuthenticatedCaller,
  request: WriteRequest,
  target: LlmTarget | undefined,
): Promise<{ readonly llmAccount: LlmAccount; readonly sealed: LlmTarget | undefined }> {
  if (!isContent(request)) return { llmAccount: await gate.admit(target, caller), sealed: target };
  if (target) await gate.admit(target, caller);
  const { supersession } = request;
  const classifier = supersession && ownerOfClassifier(supersession, target?.provider ?? null);
  return {
    llmAccount: target && classifier !== 'bundled' ? 'caller' : 'bundled',
    sealed: classifier === 'caller' ? target : undefined,
  };
}
