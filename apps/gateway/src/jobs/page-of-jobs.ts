import { sizesOfDryFacts, type StoredJob } from '@app/memory';

/** The names of the fields, ids and moments of a job. */
const FRAME_BYTES = 1_000;
/** An id, and what became of comparing its memory. */
const BYTES_OF_OUTCOME = 400;

/** As many of the first jobs as do not weigh more than `most` together, but one at least: each is shown on some page. */
export function pageOfJobs(
  jobs: readonly StoredJob[],
  weigh: (job: StoredJob) => number,
  most: number,
): readonly StoredJob[] {
  let weight = 0;
  const tooMuch = jobs.findIndex((job, index) => {
    weight += weigh(job);
    return index > 0 && weight > most;
  });
  return tooMuch === -1 ? jobs : jobs.slice(0, tooMuch);
}

/** The stored memories that the result of a job shows. In content mode an id is answer enough. */
export function memoriesIn(job: StoredJob): readonly string[] {
  if (job.kind === 'erasure') return [];
  if (job.kind === 'query') return job.result?.hits.map(({ memoryId }) => memoryId) ?? [];
  return job.result?.status === 'extracted' ? job.result.memoryIds : [];
}

/** How many bytes a job takes of an answer at most, by those of the memories in its result. */
export function bytesOfJob(job: StoredJob, sizes: ReadonlyMap<string, number>): number {
  const memories = memoriesIn(job).reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  return FRAME_BYTES + memories + ownBytesOf(job);
}

function ownBytesOf(job: StoredJob): number {
  if (job.kind === 'erasure' || !job.result) return 0;
  // The text stands in an answer twice, once without its markers.
  if (job.kind === 'query') return jsonBytes(job.question) + 2 * jsonBytes(job.result.text);
  const { memoryIds, dryRun } = job.result;
  const facts = dryRun ? sizesOfDryFacts(dryRun).reduce((sum, size) => sum + size, 0) : 0;
  return memoryIds.length * BYTES_OF_OUTCOME + facts;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
