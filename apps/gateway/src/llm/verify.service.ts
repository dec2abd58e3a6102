import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';
import { jobIdOf, JobProducer, QueueRoom, ReplyInbox, verifyLlm } from '@app/jobs';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import { silence } from '../jobs/silence.js';
import { type VerifiedView, verifiedSchema } from './llm.schemas.js';
import { TargetGate } from './target-gate.js';

const FIRST_RUN = 1;

/** Checking a target: a worker asks the provider, because the gateway can neither open a key nor call anybody. */
@Injectable()
export class VerifyService {
  constructor(
    private readonly gate: TargetGate,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly producer: JobProducer,
    private readonly deadlines: Deadlines,
    private readonly room: QueueRoom,
  ) {}

  /** @throws AppError the one that a call with this target would have met. */
  async verify(
    caller: AuthenticatedCaller,
    target: LlmTarget,
    gone: AbortSignal,
  ): Promise<VerifiedView> {
    await this.gate.admit(target, caller);
    await timed('queue', this.room.take(verifyLlm));
    const { accountId, refusalBucket } = caller;
    const { requestId = '', traceparent } = requestContext.get() ?? {};
    const verificationId = randomUUID();
    const jobId = jobIdOf(verificationId, FIRST_RUN);
    const sealed = this.sealer.seal(
      { target, expiresAt: this.deadlines.questionExpiry(new Date()) },
      { queue: verifyLlm.queue, jobId, accountId },
    );
    using expected = this.inbox.expect(jobId);
    await timed(
      'queue',
      this.producer.verify({
        v: 1,
        verificationId,
        run: FIRST_RUN,
        accountId,
        sealed,
        refusalsUnder: refusalBucket,
        replyTo: this.inbox.address,
        requestId,
        ...(traceparent !== undefined && { traceparent }),
      }),
    );
    const reply = await timed('llm', expected.reply(this.deadlines.syncWaitMs, gone));
    if (reply?.kind === 'failure') throw AppError.fromFailure(reply.failure);
    if (reply?.kind !== 'answer') throw await silence(this.producer, this.inbox);
    const { provider, model } = target;
    const { checked } = verifiedSchema.pick({ checked: true }).parse(reply.answer);
    return { ok: true, provider, model, checked };
  }
}
