import type { Caller } from '@app/accounts';
import { JobReader, MEMORY_BUDGET_BYTES, MemoryStore, type StoredJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewErasure } from '../erasure/erasure.view.js';
import { ownScope } from '../http/auth/caller-scope.js';
import { listName, nextCursor, readCursor } from '../http/cursor.js';
import { EndedJobs } from './ended-jobs.js';
import { viewJob } from './job.view.js';
import type { JobListView, JobPage as JobsAsked, JobView } from './jobs.schemas.js';
import { bytesOfJob, memoriesIn, pageOfJobs } from './page-of-jobs.js';
import { visibleJob } from './visible-job.js';

/** What the list of memories shows at most. */
const MAX_MEMORIES = 1_000;

@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobReader,
    private readonly memories: MemoryStore,
    private readonly ended: EndedJobs,
  ) {}

  async get(caller: Caller, jobId: string): Promise<JobView> {
    const job = await visibleJob(this.jobs, caller, jobId);
    return viewJob(job, await this.#resultOf(caller, job));
  }

  async list(
    caller: Caller,
    { limit, cursor, state, kind }: JobsAsked,
    gone?: AbortSignal,
  ): Promise<JobListView> {
    const list = listName({ jobs: { state, kind } });
    const mark = cursor === undefined ? undefined : readCursor(cursor, list);
    const asked = { scope: ownScope(caller), state, kind, limit, after: mark?.after };
    const { jobs, hasMore } = await timed('db', this.jobs.list(asked, gone));
    const page = await this.#fit(caller, jobs);
    const results = await this.ended.renderMany(caller, page);
    return {
      company_id: caller.accountId,
      count: page.length,
      jobs: page.map((job) =>
        viewJob(job, job.kind === 'erasure' ? viewErasure(job) : results.get(job.id)),
      ),
      next_cursor: nextCursor(page, hasMore || page.length < jobs.length, list, mark?.readAt),
    };
  }

  /** As many of the first as one answer holds. */
  async #fit({ accountId }: Caller, jobs: readonly StoredJob[]): Promise<readonly StoredJob[]> {
    const few = pageOfJobs(jobs, (job) => memoriesIn(job).length, MAX_MEMORIES);
    const ids = few.flatMap(memoriesIn);
    const sizes = await timed('db', this.memories.sizesOf(accountId, ids));
    return pageOfJobs(few, (job) => bytesOfJob(job, sizes), MEMORY_BUDGET_BYTES);
  }

  async #resultOf(caller: Caller, job: StoredJob): Promise<JobView['result'] | undefined> {
    if (job.kind === 'erasure') return viewErasure(job);
    return job.kind === 'write'
      ? this.ended.renderWrite(caller, job)
      : this.ended.renderQuery(caller, job);
  }
}
