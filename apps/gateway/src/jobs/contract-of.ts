import { answerQuery, extractMemories, type JobContract } from '@app/jobs';
import type { JobKind } from '@app/memory';

/** The job that works on a row of each kind. */
export const CONTRACT_OF: Readonly<Record<JobKind, JobContract>> = {
  write: extractMemories,
  query: answerQuery,
};
