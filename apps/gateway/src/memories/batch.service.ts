import { AppError, type Failure, failureOf } from '@app/errors';
import type { BatchResult } from '@app/memory';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import { refuseOtherTenants } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Reservation } from '../http/idempotency/idempotency-key.js';
import { TargetGate } from '../llm/target-gate.js';
import { writeIdAt } from './batch-ids.js';
import { type DraftedWrite, draftWrite } from './draft-write.js';
import type { BatchItem } from './read-batch.js';
import type { Remember } from './remember.schemas.js';
import { supersessionPolicy } from './supersession-policy.js';
import { WriteIntake } from './write-intake.js';

type Refusals = ReadonlyMap<string, Failure>;

/** Many writes at once: one transaction, one sealing key, one trip to the queue; each is refused or accepted by itself. */
@Injectable()
export class BatchService {
  constructor(
    private readonly gate: TargetGate,
    private readonly intake: WriteIntake,
    private readonly deadlines: Deadlines,
  ) {}

  /** @returns for each item, in their order, its job or why it has none. */
  async accept(
    caller: AuthenticatedCaller,
    items: readonly BatchItem[],
    { writeId, resumed }: Reservation,
  ): Promise<readonly BatchResult[]> {
    const drafts = await this.#draft(caller, items, writeId);
    const writes = drafts.filter((draft) => 'write' in draft);
    const refused = await this.intake.acceptMany(
      writes.map(({ write }) => write),
      resumed,
    );
    const durable = writes.filter(({ write }) => !refused.has(write.id));
    const unqueued = await this.intake.runMany(caller, durable);
    return drafts.map((draft) => resultOf(draft, refused, unqueued));
  }

  #draft(
    caller: AuthenticatedCaller,
    items: readonly BatchItem[],
    batchId: string,
  ): Promise<readonly (DraftedWrite | { readonly failure: Failure })[]> {
    const gate = this.gate.forMany(caller);
    const deadlineAt = this.deadlines.jobDeadline(new Date());
    return Promise.all(
      items.map(async (item, index) => {
        if ('failure' in item) return item;
        try {
          const rest = { id: writeIdAt(batchId, index), waiting: false, deadlineAt };
          return await draftWrite(gate, caller, requestOf(caller, item.asked), rest);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          return { failure: failureOf(error) };
        }
      }),
    );
  }
}

function requestOf(caller: AuthenticatedCaller, { write, autoSupersede, llm }: Remember) {
  refuseOtherTenants(caller, write.tenantId);
  const supersession = supersessionPolicy(autoSupersede, caller.settings);
  return { request: { ...write, supersession }, target: llm };
}

function resultOf(
  draft: DraftedWrite | { readonly failure: Failure },
  ...refusals: readonly Refusals[]
): BatchResult {
  if ('failure' in draft) return draft;
  const { id } = draft.write;
  const failure = refusals.map((refused) => refused.get(id)).find((one) => one !== undefined);
  return failure ? { failure } : { jobId: id };
}
