import { KeyOpener } from '@app/caller-keys/opener';
import { onBehalfOf } from '@app/egress';
import {
  type Attempt,
  AttemptRunner,
  guardedByLock,
  jobIdOf,
  type OpenedEnvelope,
  OpenedEnvelopes,
  type VerifyLlm,
  verifyLlm,
  WORKER_OPTIONS,
} from '@app/jobs';
import { ModelAccounts, type Verified } from '@app/llm-providers';
import { requestContext } from '@app/observability';
import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Job } from 'bullmq';

/** The edge between the queue and a provider that is asked whether a caller's target works. Nothing of it is stored. */
@Processor(verifyLlm.queue, WORKER_OPTIONS)
export class VerifyLlmProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, OnModuleDestroy
{
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly opened: OpenedEnvelopes,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.attempts.attend(this.worker);
  }

  async onModuleDestroy(): Promise<void> {
    await this.attempts.drain(this.worker);
  }

  override async process(job: Job, token?: string, signal?: AbortSignal): Promise<void> {
    const active = { job, token, signal };
    await this.attempts.run(verifyLlm, active, (payload) => {
      const context = requestContext.get();
      if (context) context.accountId = payload.accountId;
      return Promise.resolve(guardedByLock(active, this.#begin(payload, job.id)));
    });
  }

  #begin(
    { verificationId, run, accountId, sealed }: VerifyLlm,
    queueJobId: string | undefined,
  ): Attempt<Verified> {
    const jobId = jobIdOf(verificationId, run);
    let opened: OpenedEnvelope | undefined;
    return {
      isWaitedFor: () => Promise.resolve(true),
      deadlineAt: new Date(),
      // The worker that went away may have opened the envelope, and it opens once.
      mostStalls: 1,
      work: async (signal) => {
        const binding = { queue: verifyLlm.queue, jobId, accountId };
        const { target, expiresAt } = this.keys.open(sealed, binding, new Date());
        opened = await this.opened.note(binding, queueJobId, expiresAt);
        const { client, target: own } = this.accounts.ofCaller(target);
        return await onBehalfOf(accountId, () => client.verify(own, signal));
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
