import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { AppError, failureOf } from '@app/errors';
import { type ExtractMemories, extractMemories, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { type MessagesWrite, type NewWrite, WriteStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import { askerOf, refuseOtherTenants } from '../http/caller-scope.js';
import type { CallerHere } from '../http/caller.decorator.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { auditOf, TargetGate } from '../llm/target-gate.js';
import { GroupCommit } from './group-commit.js';
import type { Remember } from './remember.schemas.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewSaved } from './remembered.view.js';

const FIRST_RUN = 1;

/** Remembering: durable first, queue second, and then as long a wait as the caller asked for. */
@Injectable()
export class RememberService {
  readonly #accepting: GroupCommit<NewWrite>;
  readonly #enqueueing: GroupCommit<ExtractMemories>;

  constructor(
    private readonly gate: TargetGate,
    private readonly writes: WriteStore,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly ended: EndedJobs,
    private readonly deadlines: Deadlines,
    producer: JobProducer,
  ) {
    this.#accepting = new GroupCommit((batch) => writes.accept(batch));
    this.#enqueueing = new GroupCommit((batch) => producer.extract(batch));
  }

  async remember(
    caller: CallerHere,
    request: Remember,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<RememberedView>> {
    refuseOtherTenants(caller, request.write.tenantId);
    if (request.mode === 'messages') {
      return this.#extract(caller, request.write, request.llm, preference, gone);
    }
    // Needs no model. An `llm` was looked at, and goes no further.
    if (request.llm) await this.gate.admit(request.llm, caller);
    const remembered = await timed(
      'db',
      this.writes.remember({
        id: randomUUID(),
        asker: askerOf(caller),
        request: request.write,
        requestId: requestId(),
      }),
    );
    const { accountId } = caller;
    const { tenantId, autoSupersede } = request.write;
    const supersession = viewAutoSupersede(autoSupersede, request.llm?.provider);
    const body = viewSaved(remembered, { accountId, tenantId }, supersession);
    return { jobId: remembered.writeId, ...(preference.waitMs > 0 && { body }) };
  }

  async #extract(
    caller: CallerHere,
    request: MessagesWrite,
    target: LlmTarget | undefined,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<RememberedView>> {
    const { accountId } = caller;
    const now = new Date();
    const write: NewWrite = {
      id: randomUUID(),
      asker: askerOf(caller),
      request,
      llmAccount: await this.gate.admit(target, caller),
      audit: target ? auditOf(target) : null,
      waiting: preference.synchronous,
      deadlineAt: this.deadlines.jobDeadline(now),
      requestId: requestId(),
    };
    await timed('db', this.#accepting.add(write));

    // Expected before it is enqueued: a fast job replies first.
    using expected = this.inbox.expect(jobIdOf(write.id, FIRST_RUN));
    await this.#enqueue(caller, write, target, preference.waitMs > 0);
    const reply =
      preference.waitMs > 0
        ? await timed('llm', expected.reply(preference.waitMs, gone))
        : undefined;
    if (!reply && write.waiting) await timed('db', this.writes.stopWaiting(write.id));
    if (preference.waitMs === 0 || gone.aborted) return { jobId: write.id };
    return { jobId: write.id, body: await this.ended.findWrite(accountId, write.id) };
  }

  async #enqueue(
    { accountId, refusalsUnder }: CallerHere,
    write: NewWrite,
    target: LlmTarget | undefined,
    waits: boolean,
  ): Promise<void> {
    const jobId = jobIdOf(write.id, FIRST_RUN);
    const binding = { queue: extractMemories.queue, jobId, accountId };
    const expiresAt = this.deadlines.keyExpiry(new Date());
    const traceparent = requestContext.get()?.traceparent;
    try {
      await timed(
        'queue',
        this.#enqueueing.add({
          v: 1,
          writeId: write.id,
          run: FIRST_RUN,
          llmAccount: write.llmAccount,
          ...(target && {
            sealed: this.sealer.seal({ target, expiresAt }, binding),
            refusalsUnder,
          }),
          ...(waits && { replyTo: this.inbox.address }),
          requestId: write.requestId,
          ...(traceparent !== undefined && { traceparent }),
        }),
      );
    } catch (error) {
      // The caller hears of the queue, whatever becomes of the row: without a job it ends by itself.
      await this.writes.withdraw(write.id, failureOf(error)).catch(() => undefined);
      throw error;
    }
  }
}

function requestId(): string {
  const known = requestContext.get()?.requestId;
  if (known === undefined) throw new AppError('internal', 'A request without an id.');
  return known;
}
