import type { StoredJob } from '@app/memory';

/** What the list of memories shows at most. */
const MOST_MEMORIES = 1_000;

/**
 * The jobs that one page shows: as many as were asked for, and no more than a page of memories in their results, but one
 * at least. A list of a few large writes is then no larger than a list of many small ones.
 */
export function pageOfJobs(
  jobs: readonly StoredJob[],
  limit: number,
  mostMemories = MOST_MEMORIES,
): readonly StoredJob[] {
  let memories = 0;
  const tooMany = jobs.findIndex((job, index) => {
    memories += memoriesIn(job);
    return index > 0 && memories > mostMemories;
  });
  return jobs.slice(0, tooMany === -1 ? limit : Math.min(limit, tooMany));
}

function memoriesIn(job: StoredJob): number {
  if (job.kind === 'erasure') return 0;
  if (job.kind === 'query') return job.result?.hits.length ?? 0;
  return job.result?.dryRun?.facts.length ?? job.result?.memoryIds.length ?? 0;
}
