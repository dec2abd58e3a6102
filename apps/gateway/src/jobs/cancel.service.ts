import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { CONTRACT_OF, type JobContract, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { JobLifecycle, JobReader } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

import { notFound } from '../http/find.js';
import { viewJob } from './job.view.js';
import type { JobView } from './jobs.schemas.js';
import { visibleJob } from './visible-job.js';

/** A worker hears of a cancel and ends its call within milliseconds; one that has gone is not waited for. */
const ENDED_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 25;

/** Cancelling: the row first, then whatever would work on it. */
@Injectable()
export class CancelService {
  constructor(
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly producer: JobProducer,
    private readonly inbox: ReplyInbox,
  ) {}

  /** @throws AppError `job_not_cancellable` for a job that has ended. */
  async cancel(caller: Caller, jobId: string): Promise<JobView> {
    const job = await visibleJob(this.jobs, caller, jobId);
    if (job.kind === 'erasure') throw erasing();
    const [run] = await timed('db', this.lifecycle.cancel(job.kind, [job]));
    if (run === undefined) throw notCancellable();
    // The row has its end. A queue that does not hear of it finds that out when the job's turn comes.
    await timed('queue', this.#takeOut(CONTRACT_OF[job.kind], jobIdOf(job.id, run))).catch(
      () => undefined,
    );
    const cancelled = await this.jobs.find(caller.accountId, job.id);
    if (!cancelled) throw notFound();
    return viewJob(cancelled, undefined);
  }

  /** Whoever asked for it is told that it is over when its key is gone too. */
  async #takeOut(contract: JobContract, jobId: string): Promise<void> {
    await this.inbox.cancel(jobId);
    const until = Date.now() + ENDED_WITHIN_MS;
    // Again and again: a worker that was just putting the job back, to be made again later, did not heed the cancel.
    while (!(await this.producer.withdraw(contract, jobId))) {
      if (Date.now() > until || !(await this.producer.isLive(contract, jobId))) return;
      await wait(LOOK_EVERY_MS);
    }
  }
}

const notCancellable = (): AppError =>
  new AppError(
    'job_not_cancellable',
    'This job has ended, and what came of it stands. GET it to see.',
  );

const erasing = (): AppError =>
  new AppError(
    'job_not_cancellable',
    'An erasure cannot be taken back: what it has erased is gone, and it goes on to its end.',
  );
