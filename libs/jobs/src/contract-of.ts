import { answerQuery } from './answer-query.job.js';
import { extractMemories } from './extract-memories.job.js';
import type { JobContract } from './job-contract.js';

/** The job that works on a row of each kind. */
export const CONTRACT_OF = {
  write: extractMemories,
  query: answerQuery,
} as const satisfies Record<string, JobContract>;
