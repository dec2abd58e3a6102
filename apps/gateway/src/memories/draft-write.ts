import type { LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';
import type { NewWrite, WriteRequest } from '@app/memory';
import { requestContext } from '@app/observability';

import { askerOf } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import { auditOf, type TargetGate } from '../llm/target-gate.js';
import { admitWrite } from './admit-write.js';

export interface DraftedWrite {
  readonly write: NewWrite;
  /** What has to be sealed into its job. */
  readonly sealed: LlmTarget | undefined;
}

/**
 * A write for a worker, as it is to be made durable.
 * @throws AppError why it may not be made.
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
    requestId: requestId(),
  };
  return { write, sealed };
}

/** What a write is called in the log of whoever makes it. */
export function requestId(): string {
  const known = requestContext.get()?.requestId;
  if (known === undefined) throw new AppError('internal', 'A request without an id.');
  return known;
}
