import type { LlmTarget } from '@app/caller-keys';
import { type ContentWrite, JobLifecycle, uncompared, type WriteRequest } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import { askerOf, refuseOtherTenants } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Reservation } from '../http/idempotency/idempotency-key.js';
import type { Preference } from '../http/preference.js';
import { TargetGate } from '../llm/target-gate.js';
import { draftWrite, requestId } from './draft-write.js';
import type { Remember } from './remember.schemas.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewSaved } from './remembered.view.js';
import { supersessionPolicy } from './supersession-policy.js';
import { durableOf, WriteIntake } from './write-intake.js';

/** Nor does anybody else any more. */
const NOT_WAITING: Preference = {
  waitMs: 0,
  synchronous: true,
  strict: false,
  applied: undefined,
};

/** Remembering: one fact as it is, or what a model finds in a conversation. */
@Injectable()
export class RememberService {
  constructor(
    private readonly gate: TargetGate,
    private readonly lifecycle: JobLifecycle,
    private readonly intake: WriteIntake,
    private readonly deadlines: Deadlines,
  ) {}

  async remember(
    caller: AuthenticatedCaller,
    request: Remember,
    preference: Preference,
    gone: AbortSignal,
    reservation: Reservation,
  ): Promise<Outcome<RememberedView>> {
    refuseOtherTenants(caller, request.write.tenantId);
    const supersession = supersessionPolicy(request.autoSupersede, caller.settings);
    if (request.mode === 'content' && !supersession) {
      return this.#keep(
        caller,
        { ...request.write, supersession },
        request.llm,
        preference,
        reservation,
      );
    }
    const write = { ...request.write, supersession };
    return this.#queue(caller, write, request.llm, preference, gone, reservation);
  }

  /** Content mode, without supersession: needs no model. An `llm` is looked at, and goes no further. */
  async #keep(
    caller: AuthenticatedCaller,
    request: ContentWrite,
    target: LlmTarget | undefined,
    { waitMs }: Preference,
    { writeId }: Reservation,
  ): Promise<Outcome<RememberedView>> {
    if (target) await this.gate.admit(target, caller);
    const { writesPerMonth } = caller.tier;
    const asker = askerOf(caller);
    const write = { id: writeId, asker, writesPerMonth, request, requestId: requestId() };
    const remembered = await timed('db', this.lifecycle.remember(write));
    const where = { accountId: caller.accountId, tenantId: request.tenantId };
    const outcome = uncompared(remembered.memoryId, 'disabled');
    const body = viewSaved(remembered, where, viewAutoSupersede(outcome, []));
    return { jobId: remembered.writeId, ...(waitMs > 0 && { body }) };
  }

  /** A worker finds the facts, and what they supersede. */
  async #queue(
    caller: AuthenticatedCaller,
    request: WriteRequest,
    target: LlmTarget | undefined,
    preference: Preference,
    gone: AbortSignal,
    { writeId, resumed }: Reservation,
  ): Promise<Outcome<RememberedView>> {
    const { write, sealed } = await draftWrite(
      this.gate,
      caller,
      { request, target },
      {
        id: writeId,
        waiting: preference.synchronous,
        deadlineAt: this.deadlines.jobDeadline(new Date()),
      },
    );
    const isNew = await this.intake.accept(write, resumed);
    // What an earlier call began replies to that one's gateway, if it is there.
    const waits = isNew ? preference : NOT_WAITING;
    return this.intake.run(caller, durableOf(write), sealed, waits, gone);
  }
}
