import type { LlmTarget } from '@app/caller-keys';
import {
  type ContentWrite,
  isContent,
  uncompared,
  type WriteRequest,
  JobLifecycle,
} from '@app/memory';
import { metrics, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { currentRequestId, firstRunOf } from '../dispatch/job-payloads.js';
import { askerOf } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Reservation } from '../http/idempotency/idempotency-key.js';
import type { Preference } from '../http/preference.js';
import { TargetGate } from '../llm/target-gate.js';
import { draftWrite, writeRequestOf } from './draft-write.js';
import type { Remember } from './remember.schemas.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewSaved } from './remembered.view.js';

/** A resumed call gets no reply: the job replies to the gateway that queued it. Answer 202. */
const NO_WAIT: Preference = {
  waitMs: 0,
  synchronous: true,
  strict: false,
  applied: undefined,
};

/** Writes one fact as it is, or has a worker extract facts from a conversation. */
@Injectable()
export class RememberService {
  constructor(
    private readonly gate: TargetGate,
    private readonly lifecycle: JobLifecycle,
    private readonly dispatcher: Dispatcher,
    private readonly deadlines: Deadlines,
  ) {}

  async remember(
    caller: AuthenticatedCaller,
    body: Remember,
    preference: Preference,
    gone: AbortSignal,
    reservation: Reservation,
  ): Promise<Outcome<RememberedView>> {
    const request = writeRequestOf(caller, body);
    return isContent(request) && !request.supersession
      ? this.#keep(caller, request, body.llm, preference, reservation)
      : this.#queue(caller, request, body.llm, preference, gone, reservation);
  }

  /** Content mode without supersession needs no model: an `llm` is checked and then dropped. */
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
    const requestId = currentRequestId();
    const remembered = await timed(
      'db',
      this.lifecycle.remember({ id: writeId, asker, writesPerMonth, request, requestId }),
    );
    if (remembered.status === 'saved') metrics.factsStored.inc();
    const where = { accountId: caller.accountId, tenantId: request.tenantId };
    const outcome = uncompared(remembered.memoryId, 'disabled');
    const body = viewSaved(remembered, where, viewAutoSupersede(outcome, []));
    return { jobId: remembered.writeId, ...(waitMs > 0 && { body }) };
  }

  /** A worker extracts the facts, and compares them with the memories that they may supersede. */
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
    const isNew = await this.dispatcher.acceptWrite(write, resumed);
    const wait = isNew ? preference : NO_WAIT;
    return this.dispatcher.run(caller, firstRunOf('write', write), sealed, wait, gone);
  }
}
