import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { problemOf } from '@app/http-problems';
import { CONTRACT_OF, type JobContract, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { CANCEL_POLL_MS, CANCEL_WAIT_MS } from '@app/jobs/policy';
import {
  JobLifecycle,
  JobReader,
  MEMORY_BUDGET_BYTES,
  MemoryStore,
  type StoredJob,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

import { JobResults } from '../dispatch/job-results.js';
import { viewErasure } from '../erasure/erasure.view.js';
import { ownScope } from '../http/auth/caller-scope.js';
import { hashOfList, nextCursor, readCursor } from '../http/cursor.js';
import { notFound, requireFound } from '../http/require-found.js';
import type { JobListView, JobPage as JobsAsked, JobView } from './jobs.schemas.js';
import { bytesOfJob, memoriesIn, pageOfJobs } from './page-of-jobs.js';

/** The most memories that the jobs of one page show together: as many as one page of the list of memories has. */
const MAX_MEMORIES = 1_000;

/** Shows jobs, and cancels them. */
@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly memories: MemoryStore,
    private readonly results: JobResults,
    private readonly producer: JobProducer,
    private readonly inbox: ReplyInbox,
  ) {}

  /** @throws AppError `not_found` for a job of another account, or of another tenant than the one the key is bound to. */
  async getStored({ accountId, boundTenantId }: Caller, jobId: string): Promise<StoredJob> {
    const job = await requireFound(jobId, (id) => timed('db', this.jobs.find(accountId, id)));
    if (boundTenantId !== null && job.tenantId !== boundTenantId) throw notFound();
    return job;
  }

  async get(caller: Caller, jobId: string): Promise<JobView> {
    const job = await this.getStored(caller, jobId);
    return viewJob(job, await this.#resultOf(caller, job));
  }

  async list(
    caller: Caller,
    { limit, cursor, state, kind }: JobsAsked,
    gone?: AbortSignal,
  ): Promise<JobListView> {
    const listHash = hashOfList({ jobs: { state, kind } });
    const mark = cursor === undefined ? undefined : readCursor(cursor, listHash);
    const asked = { scope: ownScope(caller), state, kind, limit, after: mark?.after };
    const { jobs, hasMore } = await timed('db', this.jobs.list(asked, gone));
    const page = await this.#fit(caller, jobs);
    const results = await this.results.renderMany(caller, page);
    return {
      company_id: caller.accountId,
      count: page.length,
      jobs: page.map((job) =>
        viewJob(job, job.kind === 'erasure' ? viewErasure(job) : results.get(job.id)),
      ),
      next_cursor: nextCursor(page, hasMore || page.length < jobs.length, listHash, mark?.readAt),
    };
  }

  /**
   * Cancels the row first, then removes the job from the queue or aborts it.
   * @throws AppError `job_not_cancellable` for a job that has ended.
   */
  async cancel(caller: Caller, jobId: string): Promise<JobView> {
    const job = await this.getStored(caller, jobId);
    if (job.kind === 'erasure') throw erasureNotCancellable();
    const [run] = await timed('db', this.lifecycle.cancel(job.kind, [job]));
    if (run === undefined) throw notCancellable();
    // If the queue is down, a worker finds the cancelled row when it takes the job.
    await timed('queue', this.#removeFromQueue(CONTRACT_OF[job.kind], jobIdOf(job.id, run))).catch(
      () => undefined,
    );
    const cancelled = await this.jobs.find(caller.accountId, job.id);
    if (!cancelled) throw notFound();
    return viewJob(cancelled, undefined);
  }

  /** Returns when the queue no longer has the job and its sealed key, or after CANCEL_WAIT_MS. */
  async #removeFromQueue(contract: JobContract, jobId: string): Promise<void> {
    await this.inbox.cancel(jobId);
    const until = Date.now() + CANCEL_WAIT_MS;
    // Try again: a worker that was moving the job to `delayed` for its next attempt did not see the cancel.
    while (!(await this.producer.withdraw(contract, jobId))) {
      if (Date.now() > until || !(await this.producer.isLive(contract, jobId))) return;
      await wait(CANCEL_POLL_MS);
    }
  }

  /** The first jobs of the list that fit into one answer. */
  async #fit({ accountId }: Caller, jobs: readonly StoredJob[]): Promise<readonly StoredJob[]> {
    const few = pageOfJobs(jobs, (job) => memoriesIn(job).length, MAX_MEMORIES);
    const ids = few.flatMap(memoriesIn);
    const sizes = await timed('db', this.memories.sizesOf(accountId, ids));
    return pageOfJobs(few, (job) => bytesOfJob(job, sizes), MEMORY_BUDGET_BYTES);
  }

  async #resultOf(caller: Caller, job: StoredJob): Promise<JobView['result'] | undefined> {
    return job.kind === 'erasure' ? viewErasure(job) : this.results.render(caller, job);
  }
}

/** @param result undefined: the job has no result yet, or its result was erased. */
function viewJob(job: StoredJob, result: JobView['result'] | undefined): JobView {
  return {
    job_id: job.id,
    kind: job.kind,
    state: job.state,
    attempts: job.attempts,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
    result: result ?? null,
    error: job.failure && problemOf(job.failure, job.requestId),
  };
}

const notCancellable = (): AppError =>
  new AppError('job_not_cancellable', 'This job has already ended. GET it to see its result.');

const erasureNotCancellable = (): AppError =>
  new AppError(
    'job_not_cancellable',
    'An erasure cannot be taken back: what it has erased is gone, and it goes on to its end.',
  );
