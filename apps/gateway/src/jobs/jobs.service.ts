import type { Caller } from '@app/accounts';
import { JobStore, type StoredJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewErasure } from '../erasure/erasure.view.js';
import { ownScope } from '../http/caller-scope.js';
import { listName, nextCursor, readCursor } from '../http/cursor.js';
import { EndedJobs } from './ended-jobs.js';
import { viewJob } from './job.view.js';
import type { JobListView, JobPage, JobView } from './jobs.schemas.js';
import { pageOfJobs } from './page-of-jobs.js';
import { visibleJob } from './visible-job.js';

@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobStore,
    private readonly ended: EndedJobs,
  ) {}

  async get(caller: Caller, jobId: string): Promise<JobView> {
    const job = await visibleJob(this.jobs, caller, jobId);
    return viewJob(job, await this.#resultOf(caller, job));
  }

  async list(caller: Caller, { limit, cursor, state, kind }: JobPage): Promise<JobListView> {
    const list = listName({ jobs: { state, kind } });
    const mark = cursor === undefined ? undefined : readCursor(cursor, list);
    // One more than is shown tells whether there is a next page.
    const asked = { scope: ownScope(caller), state, kind, limit: limit + 1, after: mark?.after };
    const some = await timed('db', this.jobs.list(asked));
    const page = pageOfJobs(some, limit);
    const results = await this.ended.renderMany(caller, page);
    return {
      company_id: caller.accountId,
      count: page.length,
      jobs: page.map((job) =>
        viewJob(job, job.kind === 'erasure' ? viewErasure(job) : results.get(job.id)),
      ),
      next_cursor: nextCursor(page, some.length > page.length, list, mark?.readAt),
    };
  }

  async #resultOf(caller: Caller, job: StoredJob): Promise<JobView['result'] | undefined> {
    if (job.kind === 'erasure') return viewErasure(job);
    return job.kind === 'write'
      ? this.ended.renderWrite(caller, job)
      : this.ended.renderQuery(caller, job);
  }
}
