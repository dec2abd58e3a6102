import type { Caller } from '@app/accounts';
import { problemOf } from '@app/http-problems';
import { JobStore, type StoredJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { found, notFound } from '../http/find.js';
import { EndedJobs } from './ended-jobs.js';
import type { JobView } from './jobs.schemas.js';

@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobStore,
    private readonly ended: EndedJobs,
  ) {}

  async get(caller: Caller, jobId: string): Promise<JobView> {
    const { accountId, boundTenantId } = caller;
    const job = await found(jobId, (id) => timed('db', this.jobs.find(accountId, id)));
    if (boundTenantId !== null && job.tenantId !== boundTenantId) throw notFound();
    return {
      job_id: job.id,
      kind: job.kind,
      state: job.state,
      attempts: job.attempts,
      created_at: job.createdAt.toISOString(),
      started_at: job.startedAt?.toISOString() ?? null,
      finished_at: job.finishedAt?.toISOString() ?? null,
      result: (await this.#resultOf(caller, job)) ?? null,
      error: job.failure && problemOf(job.failure, job.requestId),
    };
  }

  #resultOf(caller: Caller, job: StoredJob): Promise<JobView['result'] | undefined> {
    return job.kind === 'write'
      ? this.ended.renderWrite(caller, job)
      : this.ended.renderQuery(caller, job);
  }
}
