import { KeyOpener } from '@app/caller-keys/opener';
import { runForAccount } from '@app/egress';
import {
  jobIdOf,
  type OpenedEnvelope,
  OpenedEnvelopes,
  type VerifyLlm,
  verifyLlm,
} from '@app/jobs';
import { ModelAccounts, type VerifiedPart } from '@app/llm-providers';
import { requestContext } from '@app/observability';
import { type ActiveJob, type Attempt, guardedByLock, type JobProcessor } from '@app/worker';
import { Injectable } from '@nestjs/common';

/** Asks a provider whether a caller's target works. Nothing is stored. */
@Injectable()
export class VerifyLlmProcessor implements JobProcessor<typeof verifyLlm> {
  constructor(
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly opened: OpenedEnvelopes,
  ) {}

  begin(payload: VerifyLlm, active: ActiveJob): Promise<Attempt<VerifiedPart>> {
    const context = requestContext.get();
    if (context) context.accountId = payload.accountId;
    return Promise.resolve(guardedByLock(active, this.#attemptAt(payload, active.job.id)));
  }

  #attemptAt(
    { verificationId, run, accountId, sealed }: VerifyLlm,
    queueJobId: string | undefined,
  ): Attempt<VerifiedPart> {
    const jobId = jobIdOf(verificationId, run);
    let opened: OpenedEnvelope | undefined;
    return {
      isWaitedFor: () => Promise.resolve(true),
      // No attempt follows a failure, because the caller can repeat the call.
      deadlineAt: new Date(),
      // A lost worker may have opened the envelope already, and an envelope opens only once.
      mostStalls: 1,
      work: async (signal) => {
        const binding = { queue: verifyLlm.queue, jobId, accountId };
        const { target, expiresAt } = this.keys.open(sealed, binding, new Date());
        opened = await this.opened.note(binding, queueJobId, expiresAt);
        const { client, target: own } = this.accounts.ofCaller(target);
        return await runForAccount(accountId, () => client.verify(own, signal));
      },
      complete: (checked) => Promise.resolve({ kind: 'answer', jobId, answer: { checked } }),
      fail: (failure) => Promise.resolve({ kind: 'failure', jobId, failure }),
      handBack: async () => {
        await opened?.release();
        return true;
      },
    };
  }
}
