import { problemOf } from '@app/http-problems';
import type { StoredJob } from '@app/memory';

import type { JobView } from './jobs.schemas.js';

/** @param result what came of it, rendered; undefined: nothing has, or nothing is left of it. */
export function viewJob(job: StoredJob, result: JobView['result'] | undefined): JobView {
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
