import { sizesOfDryFacts, type StoredJob } from '@app/memory';

/** Field names, ids and times of one job in JSON. */
const FRAME_BYTES = 1_000;
/** One memory id and its supersession outcome in JSON. */
const BYTES_OF_OUTCOME = 400;

/** The first jobs whose total weight is at most `most`, and at least one job, so that every job fits on some page. */
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

/** The stored memories that the result of a job shows in full. In content mode it shows an id only. */
export function memoriesIn(job: StoredJob): readonly string[] {
  if (job.kind === 'erasure') return [];
  if (job.kind === 'query') return job.result?.hits.map(({ memoryId }) => memoryId) ?? [];
  return job.result?.status === 'extracted' ? job.result.memoryIds : [];
}

/** The maximum size of a job in an answer. @param sizes bytes of each memory, by its id. */
export function bytesOfJob(job: StoredJob, sizes: ReadonlyMap<string, number>): number {
  const memories = memoriesIn(job).reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  return FRAME_BYTES + memories + ownBytesOf(job);
}

function ownBytesOf(job: StoredJob): number {
  if (job.kind === 'erasure' || !job.result) return 0;
  // The answer has the text twice: with and without markers.
  if (job.kind === 'query') return jsonBytes(job.question) + 2 * jsonBytes(job.result.text);
  const { memoryIds, dryRun } = job.result;
  const facts = dryRun ? sizesOfDryFacts(dryRun).reduce((sum, size) => sum + size, 0) : 0;
  return memoryIds.length * BYTES_OF_OUTCOME + facts;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
