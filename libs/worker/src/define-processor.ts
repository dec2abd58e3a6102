import type { JobContract, PayloadOf, Reply } from '@app/jobs';
import { LOCK_MS, STALLED_CHECK_INTERVAL_MS } from '@app/jobs/policy';
import { Processor, WorkerHost } from '@nestjs/bullmq';
import {
  Inject,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { Job, WorkerOptions } from 'bullmq';

import type { ActiveJob, Attempt } from './attempts/attempt.js';
import { AttemptRunner, type RunnablePayload } from './attempts/attempt-runner.js';
import type { EndRow } from './attempts/unreadable-job.js';

/**
 * Only a processor ends a job. BullMQ would fail a job that stalled too often without running its processor, and the sealed
 * key would stay in it. Therefore `maxStalledCount` is never reached, and the processor fails such a job itself.
 */
export const WORKER_OPTIONS = {
  maxStalledCount: 1_000_000,
  lockDuration: LOCK_MS,
  stalledInterval: STALLED_CHECK_INTERVAL_MS,
} as const satisfies Partial<WorkerOptions>;

/** The use case of one kind of job: its row and its model calls. AttemptRunner does the retries, the wiping and the replies. */
export interface JobProcessor<Contract extends JobContract> {
  /** Claims the job's row. @returns a reply instead of an attempt when the run has already ended. */
  begin(payload: PayloadOf<Contract>, active: ActiveJob): Promise<Attempt<unknown> | Reply>;
  /** Fails the row of a job whose payload cannot be read. Absent: the job has no row. */
  endRow?: EndRow;
}

/** The injection token of the BullMQ worker of a contract's queue. */
export const queueWorkerToken = ({ queue }: Pick<JobContract, 'queue'>): string =>
  `queue-worker:${queue}`;

/** The providers of a processor, and of a BullMQ worker that gives it the jobs of its contract. */
export function defineProcessor<Contract extends JobContract<RunnablePayload>>(
  contract: Contract,
  processor: Type<JobProcessor<Contract>>,
): Provider[] {
  @Processor(contract.queue, WORKER_OPTIONS)
  class QueueWorker extends WorkerHost implements OnApplicationBootstrap, OnModuleDestroy {
    constructor(
      @Inject(AttemptRunner) private readonly attempts: AttemptRunner,
      @Inject(processor) private readonly jobs: JobProcessor<Contract>,
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
      await this.attempts.run(
        contract,
        active,
        (payload) => this.jobs.begin(payload as PayloadOf<Contract>, active),
        this.jobs.endRow && ((id, run, failure) => this.jobs.endRow!(id, run, failure)),
      );
    }
  }
  return [processor, { provide: queueWorkerToken(contract), useClass: QueueWorker }];
}
